# Some of everything: what `discover` finds again. See crates/dokplan/tests/discover.rs.

variable "is_newer" {
  description = "Whether the Dokploy has the types that v0.26 lacks."
  type        = bool
  default     = false
}

locals {
  projects = ["shop", "blog", "Über CRM", "ops", "lab"]
  apps = merge([
    for project in local.projects : {
      for name in ["web", "api", "worker", "admin", "docs"] : "${project}/${name}" => { project = project, name = name }
    }
  ]...)
  composes = merge([
    for project in local.projects : {
      for name in ["plausible", "minio", "grafana"] : "${project}/${name}" => { project = project, name = name }
    }
  ]...)
}

resource "dokploy_ssh_key" "all" {
  count       = 4
  name        = "key ${count.index}"
  private_key = "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary-private-${count.index}\n-----END OPENSSH PRIVATE KEY-----\n"
  public_key  = "ssh-ed25519 AAAA${count.index} key"
}

resource "dokploy_server" "all" {
  count       = 4
  name        = "server-${count.index}"
  ip_address  = "10.0.0.${count.index + 1}"
  port        = 22
  username    = "root"
  ssh_key_id  = dokploy_ssh_key.all[count.index].id
  server_type = count.index == 3 ? "build" : "deploy"
  description = "rack ${count.index}"
}

resource "dokploy_registry" "all" {
  for_each      = toset(["ghcr.io", "docker.io", "gcr.io", "harbor.example.com", "registry.example.com"])
  registry_name = each.key
  registry_url  = each.key
  username      = "robot"
  password      = "canary-registry-${each.key}"
  image_prefix  = "acme"
}

resource "dokploy_destination" "s3" {
  count             = 2
  name              = "s3 ${count.index}"
  storage_provider  = "AWS"
  bucket            = "backups-${count.index}"
  endpoint          = "https://s3.example.com"
  region            = "eu-central-1"
  access_key        = "AKIA${count.index}"
  secret_access_key = "canary-s3-${count.index}"
}

resource "dokploy_certificate" "wild" {
  name             = "wildcard"
  certificate_data = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
  private_key      = "-----BEGIN PRIVATE KEY-----\ncanary-certificate\n-----END PRIVATE KEY-----\n"
}

resource "dokploy_ai" "model" {
  name    = "helper"
  api_url = "https://llm.example.com"
  api_key = "canary-ai"
  model   = "small"
}

resource "dokploy_project" "all" {
  for_each    = toset(local.projects)
  name        = each.key
  description = each.key == "shop" ? "Sells \"things\" for $${money} & 100% fun" : null
}

resource "dokploy_environment" "staging" {
  for_each    = toset(local.projects)
  name        = "staging"
  project_id  = dokploy_project.all[each.key].id
  description = "for ${each.key}"
}

resource "dokploy_application" "all" {
  for_each       = local.apps
  name           = each.value.name
  environment_id = dokploy_environment.staging[each.value.project].id
  source_type    = "docker"
  docker_image   = "ghcr.io/acme/${each.value.name}:1"
  build_type     = each.value.name == "docs" ? "static" : "nixpacks"
  memory_limit   = each.value.name == "worker" ? "512000000" : null
}

resource "dokploy_environment_variables" "web" {
  for_each       = { for key, it in local.apps : key => it if it.name == "web" }
  application_id = dokploy_application.all[each.key].id
  variables = {
    TOKEN = "canary-env-${each.value.project}"
    LINES = "one\ntwo"
  }
}

resource "dokploy_domain" "all" {
  for_each         = local.apps
  application_id   = dokploy_application.all[each.key].id
  host             = "${each.value.name}.${replace(lower(each.value.project), "/[^a-z]/", "")}.example.com"
  https            = true
  port             = 3000
  certificate_type = "letsencrypt"
}

resource "dokploy_mount" "data" {
  for_each    = local.apps
  service_id  = dokploy_application.all[each.key].id
  type        = "volume"
  volume_name = "data-${each.value.name}"
  mount_path  = "/data"
}

resource "dokploy_mount" "file" {
  for_each   = { for key, it in local.apps : key => it if it.name == "api" }
  service_id = dokploy_application.all[each.key].id
  type       = "file"
  file_path  = "config.yml"
  content    = "secret: canary-file\nother: $${VALUE}\n"
  mount_path = "/etc/config.yml"
}

resource "dokploy_port" "web" {
  for_each       = { for key, it in local.apps : key => it if it.name == "web" }
  application_id = dokploy_application.all[each.key].id
  published_port = 8080 + index(local.projects, each.value.project)
  target_port    = 80
}

resource "dokploy_redirect" "web" {
  for_each       = { for key, it in local.apps : key => it if it.name == "web" }
  application_id = dokploy_application.all[each.key].id
  regex          = "^https?://www\\.(.+)$"
  replacement    = "https://$${1}"
  permanent      = true
}

resource "dokploy_compose" "all" {
  for_each             = local.composes
  name                 = each.value.name
  environment_id       = dokploy_environment.staging[each.value.project].id
  source_type          = "raw"
  compose_file_content = <<-EOT
    services:
      ${each.value.name}:
        image: ${each.value.name}:$${TAG:-latest}
        labels:
          - "percent=100%%{x}"
  EOT
  env                  = "KEY=canary-compose\nTAG=1"
}

resource "dokploy_domain" "compose" {
  for_each       = local.composes
  compose_id     = dokploy_compose.all[each.key].id
  host           = "${each.value.name}.${replace(lower(each.value.project), "/[^a-z]/", "")}.example.org"
  service_name   = each.value.name
  port           = 8000
  https          = false
}

resource "dokploy_postgres" "db" {
  for_each          = toset(local.projects)
  name              = "db"
  app_name          = "db"
  environment_id    = dokploy_environment.staging[each.key].id
  database_name     = "app"
  database_user     = "app"
  database_password = "canary-postgres"
}

resource "dokploy_mysql" "db" {
  for_each               = toset(local.projects)
  name                   = "wordpress"
  app_name               = "wordpress"
  environment_id         = dokploy_environment.staging[each.key].id
  database_name          = "app"
  database_user          = "app"
  database_password      = "canary-mysql"
  database_root_password = "canary-mysql-root"
}

resource "dokploy_mariadb" "db" {
  for_each               = toset(local.projects)
  name                   = "legacy"
  app_name               = "legacy"
  environment_id         = dokploy_environment.staging[each.key].id
  database_name          = "app"
  database_user          = "app"
  database_password      = "canary-mariadb"
  database_root_password = "canary-mariadb-root"
}

resource "dokploy_mongo" "db" {
  for_each          = toset(local.projects)
  name              = "documents"
  app_name          = "documents"
  environment_id    = dokploy_environment.staging[each.key].id
  database_user     = "app"
  database_password = "canary-mongo"
}

resource "dokploy_redis" "cache" {
  for_each          = toset(local.projects)
  name              = "cache"
  app_name_prefix   = "cache"
  environment_id    = dokploy_environment.staging[each.key].id
  database_password = "canary-redis"
}

resource "dokploy_backup" "db" {
  for_each       = toset(local.projects)
  database_id    = dokploy_postgres.db[each.key].id
  database_type  = "postgres"
  database       = "app"
  destination_id = dokploy_destination.s3[0].id
  prefix         = "pg/"
  schedule       = "0 3 * * *"
}

resource "dokploy_volume_backup" "web" {
  for_each        = { for key, it in local.apps : key => it if it.name == "web" }
  name            = "nightly"
  app_name        = "web"
  cron_expression = "0 4 * * *"
  destination_id  = dokploy_destination.s3[1].id
  prefix          = "volumes/"
  service_id      = dokploy_application.all[each.key].id
  service_type    = "application"
  volume_name     = "data-web"
}

resource "dokploy_gitea_provider" "own" {
  name          = "own"
  gitea_url     = "https://git.example.com"
  client_id     = "client"
  client_secret = "canary-gitea"
}

resource "dokploy_bitbucket_provider" "old" {
  name               = "old"
  auth_id            = "user"
  bitbucket_username = "acme"
  app_password       = "canary-bitbucket"
}

resource "dokploy_gitlab_provider" "com" {
  name           = "com"
  auth_id        = "user"
  gitlab_url     = "https://gitlab.com"
  application_id = "app"
  secret         = "canary-gitlab"
}

resource "dokploy_security" "staff" {
  for_each       = { for key, it in local.apps : key => it if it.name == "admin" }
  application_id = dokploy_application.all[each.key].id
  username       = "staff"
  password       = "canary-security"
}

resource "dokploy_schedule" "cleanup" {
  for_each        = { for key, it in local.apps : key => it if it.name == "worker" }
  name            = "cleanup"
  application_id  = dokploy_application.all[each.key].id
  cron_expression = "0 3 * * *"
  command         = "bin/cleanup"
}

resource "dokploy_schedule" "prune" {
  name            = "prune"
  schedule_type   = "server"
  server_id       = dokploy_server.all[0].id
  cron_expression = "0 5 * * *"
  command         = "docker system prune -f"
}

resource "dokploy_schedule" "own" {
  name            = "own"
  schedule_type   = "dokploy-server"
  cron_expression = "0 6 * * *"
  command         = "uptime"
}

resource "dokploy_shared_environment" "shop" {
  project_id = dokploy_project.all["shop"].id
  variables  = { SMTP_PASSWORD = "canary-shared" }
}

resource "dokploy_environment_shared_variables" "staging" {
  environment_id = dokploy_environment.staging["shop"].id
  variables      = { SMTP_PASSWORD = "canary-staging" }
}

resource "dokploy_environment_shared_variables" "production" {
  environment_id = dokploy_project.all["shop"].production_environment_id
  variables      = { SMTP_PASSWORD = "canary-production" }
}

resource "dokploy_project_tags" "shop" {
  count      = var.is_newer ? 1 : 0
  project_id = dokploy_project.all["shop"].id
  tag_ids    = dokploy_tag.live[*].id
}

resource "dokploy_notification_slack" "ops" {
  name        = "ops"
  webhook_url = "https://hooks.example.com/canary-slack"
  channel     = "#ops"
  app_deploy  = true
}

resource "dokploy_notification_discord" "ops" {
  name        = "ops"
  webhook_url = "https://hooks.example.com/canary-discord"
}

resource "dokploy_notification_telegram" "ops" {
  name      = "ops"
  bot_token = "canary-telegram"
  chat_id   = "-1"
}

resource "dokploy_notification_email" "ops" {
  name         = "ops"
  smtp_server  = "mail.example.com"
  smtp_port    = 587
  username     = "dokploy"
  password     = "canary-email"
  from_address = "dokploy@example.com"
  to_addresses = ["ops@example.com"]
}

resource "dokploy_notification_gotify" "ops" {
  name       = "ops"
  server_url = "https://gotify.example.com"
  app_token  = "canary-gotify"
}

resource "dokploy_notification_ntfy" "ops" {
  name         = "ops"
  server_url   = "https://ntfy.sh"
  topic        = "ops"
  access_token = "canary-ntfy"
}

resource "dokploy_notification_lark" "ops" {
  name        = "ops"
  webhook_url = "https://hooks.example.com/canary-lark"
}

resource "dokploy_notification_resend" "ops" {
  count        = var.is_newer ? 1 : 0
  name         = "ops"
  api_key      = "canary-resend"
  from_address = "dokploy@example.com"
  to_addresses = ["ops@example.com"]
}

resource "dokploy_notification_mattermost" "ops" {
  count       = var.is_newer ? 1 : 0
  name        = "ops"
  webhook_url = "https://hooks.example.com/canary-mattermost"
}

resource "dokploy_notification_custom" "ops" {
  count    = var.is_newer ? 1 : 0
  name     = "ops"
  endpoint = "https://hooks.example.com/dokploy"
  headers  = { Authorization = "canary-custom" }
}

resource "dokploy_notification_pushover" "ops" {
  count     = var.is_newer ? 1 : 0
  name      = "ops"
  user_key  = "canary-user"
  api_token = "canary-pushover"
}

resource "dokploy_notification_teams" "ops" {
  count       = var.is_newer ? 1 : 0
  name        = "ops"
  webhook_url = "https://hooks.example.com/canary-teams"
}

resource "dokploy_tag" "live" {
  count = var.is_newer ? 2 : 0
  name  = "tag ${count.index}"
  color = "#22c55e"
}

resource "dokploy_network" "backend" {
  count    = var.is_newer ? 1 : 0
  name     = "backend"
  driver   = "overlay"
  internal = true
}

resource "dokploy_libsql" "edge" {
  count             = var.is_newer ? 1 : 0
  name              = "edge"
  app_name          = "edge"
  environment_id    = dokploy_environment.staging["shop"].id
  database_user     = "edge"
  database_password = "canary-libsql"
}
