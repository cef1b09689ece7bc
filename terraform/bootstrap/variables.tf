variable "location" {
  description = "Short name of the Azure region of everything here and of both environments."
  type        = string
  default     = "westeurope"

  validation {
    condition     = can(regex("^[a-z]+[a-z0-9]*$", var.location))
    error_message = "Write location as Azure's short name, in lower case without spaces, for example westeurope."
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
  description = "E-mail address of the team responsible; used as a tag."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.owner))
    error_message = "Write owner as an e-mail address, for example platform@example.com."
  }
}

variable "environments" {
  description = "Environments to prepare, each with a monthly budget in the currency of the subscription."
  type        = map(object({ monthly_budget = number }))
  default = {
    dev  = { monthly_budget = 250 }
    prod = { monthly_budget = 1500 }
  }

  validation {
    condition     = length(var.environments) > 0 && length(setsubtract(keys(var.environments), ["dev", "prod"])) == 0
    error_message = "Name environments dev, prod or both: terraform/app has settings for these."
  }

  validation {
    condition     = alltrue([for e in var.environments : e.monthly_budget > 0])
    error_message = "Give every environment a monthly_budget above 0, in the currency of the subscription."
  }
}

variable "locked" {
  description = "Whether the storage of the states is locked. Lift the lock before you remove an environment or all of this."
  type        = bool
  default     = true
}

variable "budget_start" {
  description = "First day of the budgets' first month, as RFC 3339. Azure refuses a month in the past."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{4}-(0[1-9]|1[0-2])-01T00:00:00Z$", var.budget_start))
    error_message = "Write budget_start as the first of a month at midnight UTC, for example 2026-09-01T00:00:00Z."
  }
}

variable "budget_contacts" {
  description = "E-mail addresses that are warned when a budget is used up or will be."
  type        = set(string)

  validation {
    condition     = length(var.budget_contacts) > 0 && alltrue([for a in var.budget_contacts : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", a))])
    error_message = "Write budget_contacts as at least one e-mail address, for example [\"platform@example.com\"]."
  }
}

variable "github" {
  description = "The repository whose workflows may plan and apply, with GitHub's numeric ids, which survive a rename: gh api repos/OWNER/REPO --jq '.owner.id, .id'."
  type = object({
    owner         = string
    owner_id      = number
    repository    = string
    repository_id = number
  })

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+$", var.github.owner)) && can(regex("^[A-Za-z0-9._-]+$", var.github.repository))
    error_message = "Write github.owner and github.repository as in the address github.com/OWNER/REPOSITORY, without slashes."
  }

  validation {
    condition     = alltrue([for id in [var.github.owner_id, var.github.repository_id] : id > 0 && floor(id) == id])
    error_message = "Write github.owner_id and github.repository_id as the whole numbers that gh api repos/OWNER/REPO --jq '.owner.id, .id' prints."
  }
}

variable "administrators_group_id" {
  description = "Object id of the Entra group whose members run this root: they may read and write every state."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.administrators_group_id))
    error_message = "Write administrators_group_id as the group's object id, a UUID in lower case: az ad group show --group NAME --query id."
  }
}

variable "state_reachable_from" {
  description = "Public IPv4 addresses or ranges that may reach the state. All others are refused."
  type        = set(string)
  default     = []

  validation {
    condition = alltrue([
      for r in var.state_reachable_from :
      can(cidrhost(strcontains(r, "/") ? r : "${r}/32", 0)) && !can(regex("/(3[12]|[0-9]|1[0-5])$", r)) && !can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.)", r))
    ])
    error_message = "Write state_reachable_from as public IPv4 addresses or ranges from /16 to /30, for example [\"203.0.113.7\"]: Azure's storage firewall accepts no /31, /32 or private range."
  }

  validation {
    condition     = length(var.state_reachable_from) > 0 || var.runners_subnet_id != null
    error_message = "The state would be unreachable: name your address in state_reachable_from (curl -s https://api.ipify.org prints it), or the subnet of your runners in runners_subnet_id."
  }
}

variable "runners_subnet_id" {
  description = "Subnet of self-hosted runners, where the state gets a private address; null to use the firewall only."
  type        = string
  default     = null

  validation {
    condition     = var.runners_subnet_id == null || can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.Network/virtualNetworks/[^/]+/subnets/[^/]+$", var.runners_subnet_id))
    error_message = "Write runners_subnet_id as the full id of a subnet: az network vnet subnet show -g GROUP --vnet-name NETWORK -n SUBNET --query id."
  }
}
