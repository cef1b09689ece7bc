variable "environment" {
  description = "The environment, dev or prod. Part of every name and tag."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "Write environment as dev or prod; environments/ holds the settings of each."
  }
}

variable "name_suffix" {
  description = "Suffix of the names that must be unique in all of Azure."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{3,8}$", var.name_suffix))
    error_message = "Write name_suffix as 3 to 8 lower-case letters or digits, for example acme1."
  }
}

variable "owner" {
  description = "E-mail address of the team responsible for the environment; used as a tag."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.owner))
    error_message = "Write owner as an e-mail address, for example platform@example.com."
  }
}

variable "locked" {
  description = "Whether resources with data are locked against removal. They can be destroyed only after the locks are lifted."
  type        = bool
  default     = true
}

variable "zone_redundant" {
  description = "Whether the container environment and the registry survive the loss of an availability zone. Changing it recreates both."
  type        = bool
  default     = true
}
