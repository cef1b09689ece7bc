variable "address_space" {
  description = "IPv4 range of the virtual network, a /22 or larger. Must not overlap a network that it is peered with."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.address_space)) && can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.).*/(1[6-9]|2[0-2])$", var.address_space)) && try(cidrsubnet(var.address_space, 0, 0) == var.address_space, false)
    error_message = "Write address_space as a private IPv4 range from /16 to /22 that starts at its first address, for example 10.20.0.0/22."
  }
}

variable "public_ingress" {
  description = "Whether the service is reachable from the internet. If not, only connected networks reach it, and nothing here has a public address. Changing it recreates the container environment."
  type        = bool
  default     = false
}

variable "ingress_allowed_from" {
  description = "IPv4 ranges that may call the service. Empty: every client that can reach it."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for r in values(var.ingress_allowed_from) : can(cidrnetmask(r))])
    error_message = "Write ingress_allowed_from as names with IPv4 ranges, for example { office = \"203.0.113.0/24\" }; a single address ends in /32."
  }

  validation {
    condition     = alltrue([for r in values(var.ingress_allowed_from) : !endswith(r, "/0")])
    error_message = "A range ending in /0 in ingress_allowed_from admits everyone: leave the map empty if that is intended."
  }
}

variable "database_reachable_from" {
  description = "IPv4 ranges of peered or VPN networks from which people may reach the database. Empty: only the apps in this network."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for r in var.database_reachable_from : can(cidrnetmask(r)) && can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.).*/(8|9|[12][0-9]|3[0-2])$", r))])
    error_message = "Write database_reachable_from as private IPv4 ranges of /8 or smaller, for example [\"10.8.0.0/24\"]: the database has no public address."
  }
}
