variable "teams" {
  description = "The teams, by name."
  type = map(object({
    user   = string
    host   = optional(string)
    active = optional(bool, true)
  }))

  validation {
    condition     = alltrue([for name in keys(var.teams) : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "Names of teams are lower-case words: a letter first, then letters, digits and dashes."
  }
}

variable "default_host" {
  description = "The registry of teams that name none."
  type        = string
  default     = "ghcr.io"
}

variable "secrets" {
  description = "The password or token of each team."
  type        = map(string)
  sensitive   = true
}
