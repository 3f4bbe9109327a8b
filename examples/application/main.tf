# An application from an image, with a domain, a mount, a redirect and a password, deployed when all of that is there.
# Try it without a server:
#
#   dokplan -chdir=examples/application -sandbox apply
#
# The secrets in terraform.tfvars are made up. In your own files, give them as TF_VAR_staff_password and the like.

terraform {
  required_providers {
    dokploy = {
      source = "ahmedali6/dokploy"
    }
  }
}

# host and api_key come from DOKPLOY_HOST and DOKPLOY_API_KEY.
provider "dokploy" {}

variable "staff_password" {
  type      = string
  sensitive = true
}

resource "dokploy_project" "shop" {
  name        = "shop"
  description = "The web shop"
}

# Dokploy makes an environment "production" with every project: this one is taken over.
resource "dokploy_environment" "production" {
  project_id = dokploy_project.shop.id
  name       = "production"
}

resource "dokploy_application" "web" {
  name           = "web"
  environment_id = dokploy_environment.production.id
  source_type    = "docker"
  docker_image   = "nginx:1.27"
  env            = "LOG_LEVEL=info"
  memory_limit   = "268435456"

  # Deployed once an apply, after everything that belongs to it, and waited for until its containers run.
  deploy_on_change = true
  wait_for         = "healthy"
  wait_timeout     = "5m"
}

resource "dokploy_domain" "web" {
  application_id   = dokploy_application.web.id
  host             = "shop.example.com"
  port             = 80
  https            = true
  certificate_type = "letsencrypt"
}

resource "dokploy_mount" "uploads" {
  service_id  = dokploy_application.web.id
  type        = "volume"
  volume_name = "shop-uploads"
  mount_path  = "/usr/share/nginx/html/uploads"
}

resource "dokploy_redirect" "www" {
  application_id = dokploy_application.web.id
  regex          = "^https://www.shop.example.com/(.*)"
  replacement    = "https://shop.example.com/$${1}"
}

resource "dokploy_security" "staff" {
  application_id = dokploy_application.web.id
  username       = "staff"
  password       = var.staff_password
}

output "url" {
  value = "https://${dokploy_domain.web.host}"
}
