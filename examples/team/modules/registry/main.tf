terraform {
  required_providers {
    dokploy = {
      source = "ahmedali6/dokploy"
    }
  }
}

variable "team" {
  type = string
}

variable "host" {
  type = string
}

variable "user" {
  type = string
}

variable "secret" {
  type      = string
  sensitive = true
}

resource "dokploy_registry" "this" {
  registry_name = "Team ${title(var.team)}"
  registry_url  = var.host
  username      = var.user
  password      = var.secret
  image_prefix  = "${var.host}/${var.user}"
}

output "id" {
  value = dokploy_registry.this.id
}

output "prefix" {
  value = dokploy_registry.this.image_prefix
}
