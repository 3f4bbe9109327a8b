variable "github_token" {
  description = "A GitHub personal access token with write:packages."
  type        = string
  sensitive   = true
}

variable "docker_hub_token" {
  description = "A Docker Hub access token."
  type        = string
  sensitive   = true
}

variable "aws_account" {
  description = "The number of the AWS account."
  type        = string
  default     = "123456789012"
}

variable "aws_region" {
  description = "The AWS region."
  type        = string
  default     = "eu-central-1"
}

variable "ecr_password" {
  description = "What `aws ecr get-login-password` prints."
  type        = string
  sensitive   = true
}

variable "acr_password" {
  description = "The secret of the service principal."
  type        = string
  sensitive   = true
}

variable "harbor_secret" {
  description = "The secret of the Harbor robot."
  type        = string
  sensitive   = true
}
