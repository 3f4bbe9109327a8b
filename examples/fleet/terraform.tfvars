registries = {
  github = { url = "ghcr.io", user = "acme", prefix = "acme" }
  gitlab = { url = "registry.gitlab.com", user = "acme-ci", prefix = "acme/shop" }
  harbor = { url = "harbor.example.com", user = "robot" }
}

tokens = {
  github = "made-up-github"
  gitlab = "made-up-gitlab"
  harbor = "made-up-harbor"
}
