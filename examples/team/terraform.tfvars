teams = {
  web = {
    user = "acme-web"
  }
  data = {
    user = "acme-data"
    host = "harbor.acme.example"
  }
  legacy = {
    user   = "acme-legacy"
    active = false
  }
}

secrets = {
  web    = "made-up-web"
  data   = "made-up-data"
  legacy = "made-up-legacy"
}
