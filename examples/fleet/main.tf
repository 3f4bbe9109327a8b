# A fleet of registries from one map. Try it without a server:
#
#   dokplan -chdir=examples/fleet -sandbox apply
#
# The tokens in terraform.tfvars are made up. A registry that is taken out of the map is deleted, and no other changes.

terraform {
  required_providers {
    dokploy = {
      source = "ahmedali6/dokploy"
    }
  }
}

# host and api_key come from DOKPLOY_HOST and DOKPLOY_API_KEY.
provider "dokploy" {}

variable "registries" {
  description = "URL, user and prefix of each registry, by name."
  type = map(object({
    url    = string
    user   = string
    prefix = optional(string, "")
  }))
}

variable "tokens" {
  description = "The token for each registry, by name."
  type        = map(string)
  sensitive   = true
}

resource "dokploy_registry" "all" {
  for_each          = var.registries
  registry_name     = each.key
  registry_url      = each.value.url
  username          = each.value.user
  image_prefix      = each.value.prefix
  password          = var.tokens[each.key]
  verify_connection = true
}

output "ids" {
  value = { for name, it in dokploy_registry.all : name => it.id }
}
