terraform {
  required_providers {
    dokploy = {
      source  = "ahmedali6/dokploy"
      version = "~> 0.6"
    }
  }
}

variable "dokploy_api_key" {
  type      = string
  sensitive = true
}

variable "dokploy_host" {
  type = string
}

variable "ghcr_token" {
  type      = string
  sensitive = true
}

provider "dokploy" {
  host    = "${var.dokploy_host}/api"
  api_key = var.dokploy_api_key
}

resource "dokploy_project" "shop" {
  name        = "shop"
  description = "The shop"
}

resource "dokploy_environment" "staging" {
  project_id = dokploy_project.shop.id
  name       = "staging"

  # As users of the provider of today write it: its plans lose environments otherwise.
  lifecycle {
    ignore_changes = [project_id]
  }
}

resource "dokploy_registry" "ghcr" {
  registry_name = "ghcr"
  registry_url  = "ghcr.io"
  username      = "acme"
  password      = var.ghcr_token
  image_prefix  = "acme"
}

resource "dokploy_application" "web" {
  name           = "web"
  environment_id = dokploy_environment.staging.id
  source_type    = "docker"
  docker_image   = "ghcr.io/acme/web:1.4"
  registry_id    = dokploy_registry.ghcr.id
  env            = "LOG_LEVEL=info"
}

resource "dokploy_application" "api" {
  name              = "api"
  environment_id    = dokploy_environment.staging.id
  source_type       = "github"
  github_owner      = "acme"
  github_repository = "api"
  build_type        = "dockerfile"
}

resource "dokploy_domain" "web" {
  application_id   = dokploy_application.web.id
  host             = "shop.example.com"
  port             = 8080
  https            = true
  certificate_type = "letsencrypt"
}

output "web_id" {
  value = dokploy_application.web.id
}
