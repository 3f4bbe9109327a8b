# A compose whose file is made from a template, with a domain for one of its services. Try it without a server:
#
#   dokplan -chdir=examples/compose -sandbox apply
#
# The secret in terraform.tfvars is made up.

terraform {
  required_providers {
    dokploy = {
      source = "ahmedali6/dokploy"
    }
  }
}

# host and api_key come from DOKPLOY_HOST and DOKPLOY_API_KEY.
provider "dokploy" {}

variable "database_password" {
  type      = string
  sensitive = true
}

variable "image" {
  type    = string
  default = "ghcr.io/plausible/community-edition:v3"
}

resource "dokploy_project" "analytics" {
  name = "analytics"
}

resource "dokploy_environment" "live" {
  project_id = dokploy_project.analytics.id
  name       = "live"
}

# Dokploy substitutes ${POSTGRES_PASSWORD} from the environment variables, so that the file holds no secret.
resource "dokploy_compose" "plausible" {
  name           = "plausible"
  environment_id = dokploy_environment.live.id
  source_type    = "raw"
  compose_file_content = templatefile("${path.module}/compose.yaml.tftpl", {
    image = var.image
    port  = 8000
  })
  env = "POSTGRES_PASSWORD=${var.database_password}"

  # Deployed once an apply, when its domain is there: domains are labels of the containers.
  deploy_on_change = true
}

resource "dokploy_domain" "plausible" {
  compose_id   = dokploy_compose.plausible.id
  service_name = "web"
  host         = "stats.example.com"
  port         = 8000
  https        = true
}

output "url" {
  value = "https://${dokploy_domain.plausible.host}"
}
