variable "database_version" {
  description = "Major version of PostgreSQL."
  type        = string
  default     = "18"

  validation {
    condition     = contains(["16", "17", "18"], var.database_version)
    error_message = "Write database_version as 16, 17 or 18; rates is tested on 13 and later, and Azure's pgaudit settings here are for 16 and later."
  }
}

variable "database_sku" {
  description = "Size of a database server."
  type        = string
  default     = "GP_Standard_D2ds_v5"

  validation {
    condition     = can(regex("^(B|GP|MO)_Standard_[A-Za-z0-9_]+$", var.database_sku))
    error_message = "Write database_sku as tier and size, for example B_Standard_B2s or GP_Standard_D2ds_v5: az postgres flexible-server list-skus --location REGION."
  }
}

variable "database_storage_mb" {
  description = "Storage of a new database server in MiB. It grows by itself and never shrinks; a later change here has no effect."
  type        = number
  default     = 65536

  validation {
    condition     = contains([32768, 65536, 131072, 262144, 524288, 1048576, 2097152, 4193280, 4194304, 8388608, 16777216, 33553408], var.database_storage_mb)
    error_message = "Write database_storage_mb as one of Azure's sizes in MiB: 32768, 65536, 131072, 262144, 524288, 1048576 and so on, doubling."
  }
}

variable "database_high_availability" {
  description = "ZoneRedundant or SameZone for a standby server with automatic failover, or null for none."
  type        = string
  default     = "ZoneRedundant"

  validation {
    condition     = var.database_high_availability == null || contains(["ZoneRedundant", "SameZone"], coalesce(var.database_high_availability, "-"))
    error_message = "Write database_high_availability as ZoneRedundant, SameZone or null."
  }

  validation {
    condition     = var.database_high_availability == null || !startswith(var.database_sku, "B_")
    error_message = "A burstable server cannot have a standby: choose a database_sku that starts with GP_ or MO_, or write database_high_availability = null."
  }
}

variable "database_backup_days" {
  description = "Days for which the database can be restored to any point in time."
  type        = number
  default     = 35

  validation {
    condition     = var.database_backup_days >= 7 && var.database_backup_days <= 35 && floor(var.database_backup_days) == var.database_backup_days
    error_message = "Write database_backup_days as a whole number from 7 to 35."
  }
}

variable "database_geo_redundant_backup" {
  description = "Whether backups are kept in the paired region too. Changing it recreates the server."
  type        = bool
  default     = true
}

variable "database_cluster_size" {
  description = "Number of servers of an elastic cluster (Citus), or null for one server. Changing from or to null recreates the database; a cluster never shrinks."
  type        = number
  default     = null

  validation {
    condition     = var.database_cluster_size == null || (try(var.database_cluster_size >= 1 && var.database_cluster_size <= 20 && floor(var.database_cluster_size) == var.database_cluster_size, false))
    error_message = "Write database_cluster_size as a whole number from 1 to 20, or null for one server."
  }

  validation {
    condition     = var.database_cluster_size == null || tonumber(var.database_version) >= 17
    error_message = "An elastic cluster needs database_version 17 or later."
  }
}

variable "database_read_replicas" {
  description = "Number of read replicas, which the service asks instead of the primary. Set it to 0 before the primary gets another size or a later major version, and back afterwards."
  type        = number
  default     = 0

  validation {
    condition     = var.database_read_replicas >= 0 && var.database_read_replicas <= 5 && floor(var.database_read_replicas) == var.database_read_replicas
    error_message = "Write database_read_replicas as a whole number from 0 to 5, the most that Azure gives one server."
  }

  validation {
    condition     = var.database_read_replicas == 0 || !startswith(var.database_sku, "B_")
    error_message = "A burstable server cannot have read replicas: choose a database_sku that starts with GP_ or MO_, or write database_read_replicas = 0."
  }

  validation {
    condition     = var.database_read_replicas <= 1 || var.database_cluster_size == null
    error_message = "An elastic cluster has at most one read replica: write database_read_replicas as 0 or 1, or database_cluster_size = null."
  }
}

variable "database_password_login" {
  description = "Whether password logins are accepted besides Entra tokens. The service then reads its DATABASE_URL from the key vault, as the secret database-url, and with database_read_replicas its RATES_WATCH_URL, as watch-url."
  type        = bool
  default     = false
}

variable "database_administrator_password" {
  description = "Password of the server's own administrator if database_password_login is on. It never enters the state; pass it as TF_VAR_database_administrator_password."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = !var.database_password_login || try(length(var.database_administrator_password) >= 24, false)
    error_message = "With database_password_login, pass TF_VAR_database_administrator_password with at least 24 characters: openssl rand -base64 32."
  }
}

variable "database_administrator_password_version" {
  description = "Increase by one to set a new database_administrator_password."
  type        = number
  default     = 1

  validation {
    condition     = var.database_administrator_password_version >= 1 && floor(var.database_administrator_password_version) == var.database_administrator_password_version
    error_message = "Write database_administrator_password_version as a whole number, at least 1, and increase it by one for each new password."
  }
}

variable "database_groups" {
  description = "Entra groups of people: administrators of the server, loaders who import, readers who query. Make membership eligible for hours through Privileged Identity Management, not permanent."
  type = object({
    administrators = object({ name = string, object_id = string })
    loaders        = object({ name = string, object_id = string })
    readers        = object({ name = string, object_id = string })
  })

  validation {
    condition     = alltrue([for g in values(var.database_groups) : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", g.object_id))])
    error_message = "Write each object_id in database_groups as the group's UUID in lower case: az ad group show --group NAME --query id."
  }

  validation {
    condition     = length(distinct([for g in values(var.database_groups) : g.object_id])) == 3
    error_message = "Give database_groups three different groups, so that readers cannot administer."
  }
}
