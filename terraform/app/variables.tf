variable "environment" {
  description = "Which environment this is: dev or prod. Goes into every name and tag."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "Write environment as dev or prod; environments/ holds the settings of each."
  }
}

variable "name_suffix" {
  description = "Ends the names that must be unique in all of Azure."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{3,8}$", var.name_suffix))
    error_message = "Write name_suffix as 3 to 8 small letters or digits, for example acme1."
  }
}

variable "owner" {
  description = "E-mail address of the team that answers for the environment; goes into the tags."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.owner))
    error_message = "Write owner as an e-mail address, for example platform@example.com."
  }
}

variable "locked" {
  description = "Whether what holds data is locked against removal. Somebody with the right to lift locks must do so before it can be destroyed."
  type        = bool
  default     = true
}

variable "zone_redundant" {
  description = "Whether the container environment and the registry survive the loss of an availability zone. Changing it makes both anew."
  type        = bool
  default     = true
}
