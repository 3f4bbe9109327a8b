output "registry_ids" {
  description = "The ids of all registries, for applications that pull from them."
  value = {
    ghcr       = dokploy_registry.ghcr.id
    docker_hub = dokploy_registry.docker_hub.id
    ecr        = dokploy_registry.ecr.id
    google     = dokploy_registry.google.id
    acr        = dokploy_registry.acr.id
    harbor     = dokploy_registry.harbor.id
  }
}

output "build_server_id" {
  description = "The id of the build server."
  value       = dokploy_server.build.id
}
