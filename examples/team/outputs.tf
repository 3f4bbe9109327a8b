output "registries" {
  description = "The id of each team's registry."
  value       = { for name, registry in module.registry : name => registry.id }
}

output "prefixes" {
  description = "Where each team's images go."
  value       = [for registry in module.registry : registry.prefix]
}
