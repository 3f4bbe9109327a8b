# One registry for each team, from a map: a module used with for_each, values from terraform.tfvars, validation, and
# outputs. Try it without a server:
#
#   dokplan -chdir=examples/team -sandbox apply

terraform {
  required_version = ">= 1.3"

  required_providers {
    dokploy = {
      source = "ahmedali6/dokploy"
    }
  }
}

provider "dokploy" {}

locals {
  # Only the teams that are active get a registry.
  active = { for name, team in var.teams : name => team if team.active }
}

module "registry" {
  source   = "./modules/registry"
  for_each = local.active

  team   = each.key
  host   = coalesce(each.value.host, var.default_host)
  user   = each.value.user
  secret = var.secrets[each.key]
}
