terraform {
  backend "local" {}

  required_providers {
    dokploy = {
      source = "ahmedali6/dokploy"
    }
  }
}

# Host and key come from DOKPLOY_HOST and DOKPLOY_API_KEY.
provider "dokploy" {}

variable "ghcr_token" {
  description = "A token that can read packages."
  type        = string
  sensitive   = true
}

resource "dokploy_registry" "ghcr" {
  registry_name = "ghcr"
  registry_url  = "ghcr.io"
  username      = "our-bot"
  password      = var.ghcr_token
  image_prefix  = "our-organization"
}

resource "dokploy_project" "shop" {
  name        = "shop"
  description = "What customers see."
}
