# Databases of four engines, each with a backup to one bucket. Try it without a server:
#
#   dokplan -chdir=examples/databases -sandbox apply
#
# The secrets in terraform.tfvars are made up.

terraform {
  required_providers {
    dokploy = {
      source = "ahmedali6/dokploy"
    }
  }
}

# host and api_key come from DOKPLOY_HOST and DOKPLOY_API_KEY.
provider "dokploy" {}

variable "bucket_secret" {
  type      = string
  sensitive = true
}

variable "passwords" {
  description = "The password of each database."
  type        = map(string)
  sensitive   = true
}

resource "dokploy_project" "data" {
  name = "data"
}

resource "dokploy_environment" "live" {
  project_id = dokploy_project.data.id
  name       = "live"
}

resource "dokploy_destination" "backups" {
  name              = "backups"
  storage_provider  = "Cloudflare"
  bucket            = "acme-backups"
  region            = "auto"
  endpoint          = "https://account.r2.cloudflarestorage.com"
  access_key        = "acme"
  secret_access_key = var.bucket_secret
}

# Always say which image: what Dokploy chooses changes with its version. Without deploy_on_change, a database is stored and
# not started.
resource "dokploy_postgres" "shop" {
  name              = "shop"
  app_name          = "shop-db"
  environment_id    = dokploy_environment.live.id
  docker_image      = "postgres:17"
  deploy_on_change  = true
  database_name     = "shop"
  database_user     = "shop"
  database_password = var.passwords.shop
}

resource "dokploy_mariadb" "blog" {
  name                   = "blog"
  app_name               = "blog-db"
  environment_id         = dokploy_environment.live.id
  docker_image           = "mariadb:11"
  deploy_on_change       = true
  database_name          = "blog"
  database_user          = "blog"
  database_password      = var.passwords.blog
  database_root_password = var.passwords.blog_root
}

resource "dokploy_mongo" "events" {
  name              = "events"
  app_name          = "events-db"
  environment_id    = dokploy_environment.live.id
  docker_image      = "mongo:8"
  deploy_on_change  = true
  database_user     = "events"
  database_password = var.passwords.events
}

resource "dokploy_redis" "cache" {
  name              = "cache"
  app_name_prefix   = "cache"
  environment_id    = dokploy_environment.live.id
  docker_image      = "redis:8"
  deploy_on_change  = true
  database_password = var.passwords.cache
}

locals {
  backups = {
    postgres = { id = dokploy_postgres.shop.id, database = "shop", at = "0 2 * * *" }
    mariadb  = { id = dokploy_mariadb.blog.id, database = "blog", at = "0 3 * * *" }
    mongo    = { id = dokploy_mongo.events.id, database = "events", at = "0 4 * * *" }
  }
}

resource "dokploy_backup" "nightly" {
  for_each          = local.backups
  destination_id    = dokploy_destination.backups.id
  database_type     = each.key
  database_id       = each.value.id
  database          = each.value.database
  schedule          = each.value.at
  prefix            = "${each.value.database}/"
  keep_latest_count = 7
  enabled           = true
}

output "backups" {
  value = { for kind, it in dokploy_backup.nightly : kind => it.schedule }
}
