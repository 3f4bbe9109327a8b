# Every kind of registry that people use with Dokploy, in one file. Try it without a server:
#
#   dokplan -chdir=examples/registries -sandbox apply
#
# The secrets in terraform.tfvars are made up. In your own files, give them as TF_VAR_github_token and the like.

terraform {
  required_providers {
    dokploy = {
      source = "ahmedali6/dokploy"
    }
  }
}

# host and api_key come from DOKPLOY_HOST and DOKPLOY_API_KEY.
provider "dokploy" {}

# GitHub Container Registry: a personal access token with read:packages and write:packages.
resource "dokploy_registry" "ghcr" {
  registry_name = "GitHub Container Registry"
  registry_url  = "ghcr.io"
  username      = "acme"
  password      = var.github_token
  image_prefix  = "ghcr.io/acme"
}

# Docker Hub: no URL, and an access token instead of the password.
resource "dokploy_registry" "docker_hub" {
  registry_name = "Docker Hub"
  registry_url  = ""
  username      = "acme"
  password      = var.docker_hub_token
  image_prefix  = "acme"
}

# Amazon ECR: the user is always AWS. The password that `aws ecr get-login-password` prints ends after twelve hours;
# a changed password is an update in place.
resource "dokploy_registry" "ecr" {
  registry_name = "Amazon ECR"
  registry_url  = "${var.aws_account}.dkr.ecr.${var.aws_region}.amazonaws.com"
  username      = "AWS"
  password      = var.ecr_password
  image_prefix  = ""
}

# Google Artifact Registry: the user is _json_key and the password the whole key file, line breaks and all.
resource "dokploy_registry" "google" {
  registry_name = "Google Artifact Registry"
  registry_url  = "europe-west3-docker.pkg.dev"
  username      = "_json_key"
  password      = file("${path.module}/keys/google.json")
  image_prefix  = "acme-prod/images"
}

# Azure Container Registry: a token or a service principal.
resource "dokploy_registry" "acr" {
  registry_name = "Azure Container Registry"
  registry_url  = "acme.azurecr.io"
  username      = "00000000-0000-0000-0000-000000000000"
  password      = var.acr_password
  image_prefix  = "acme.azurecr.io"
}

# A Harbor of one's own. Robot names have a dollar sign; only ${ begins an expression, so that it can stand as it is.
resource "dokploy_registry" "harbor" {
  registry_name = "Harbor"
  registry_url  = "harbor.acme.example:8443"
  username      = "robot$myrobot"
  password      = var.harbor_secret
  image_prefix  = "platform"
}

# A registry that a build server logs in to. The server is created first, the registry deleted first.
resource "dokploy_ssh_key" "build" {
  name        = "build"
  description = "For the build server"
  private_key = file("${path.module}/keys/demo")
  public_key  = trimspace(file("${path.module}/keys/demo.pub"))
}

resource "dokploy_server" "build" {
  name        = "build"
  ip_address  = "10.0.0.5"
  port        = 22
  username    = "root"
  ssh_key_id  = dokploy_ssh_key.build.id
  server_type = "build"
}

resource "dokploy_registry" "on_build_server" {
  registry_name = "GHCR on the build server"
  registry_url  = "ghcr.io"
  username      = "acme"
  password      = var.github_token
  image_prefix  = "ghcr.io/acme"
  server_id     = dokploy_server.build.id
}
