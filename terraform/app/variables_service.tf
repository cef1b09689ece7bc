variable "migrations_digest" {
  description = "Digest of the image in the registry whose migrations the job migrate runs. Change it, run the job, then change service_digest. Null while the registry is empty: Azure refuses a job or an app without its image, so none is created."
  type        = string
  default     = null

  validation {
    condition     = var.migrations_digest == null || can(regex("^sha256:[0-9a-f]{64}$", var.migrations_digest))
    error_message = "Write migrations_digest as sha256: and 64 hexadecimal digits, never as a tag, or leave it null until the images are in the registry."
  }
}

variable "migrations_version" {
  description = "Schema version to which the job migrate migrates, up or down. Null for the newest of its image; set a number to roll back."
  type        = number
  default     = null

  validation {
    condition     = var.migrations_version == null || try(var.migrations_version >= 1 && floor(var.migrations_version) == var.migrations_version, false)
    error_message = "Write migrations_version as a whole number, at least 1, or as null for the newest; 0 would empty the database."
  }
}

variable "seed" {
  description = "Whether there is a job seed, which imports the sample of the image into a database without data. Its prices are invented."
  type        = bool
  default     = false
}

variable "service_digest" {
  description = "Digest of the service's image in the registry. Null until the database is migrated for the first time: everything but the service is then created."
  type        = string
  default     = null

  validation {
    condition     = var.service_digest == null || can(regex("^sha256:[0-9a-f]{64}$", var.service_digest))
    error_message = "Write service_digest as sha256: and 64 hexadecimal digits, never as a tag, or leave it null until the database is migrated."
  }

  validation {
    condition     = var.service_digest == null || var.migrations_digest != null
    error_message = "The service needs a migrated database: give migrations_digest first, run the job migrate, and then give service_digest."
  }
}

variable "smoke_digest" {
  description = "Digest of the image rates-smoke in the registry. Null for no smoke job."
  type        = string
  default     = null

  validation {
    condition     = var.smoke_digest == null || can(regex("^sha256:[0-9a-f]{64}$", var.smoke_digest))
    error_message = "Write smoke_digest as sha256: and 64 hexadecimal digits, never as a tag, or leave it null."
  }

  validation {
    condition     = var.smoke_digest == null || var.service_digest != null
    error_message = "The smoke job needs the service: give smoke_digest with service_digest or after it."
  }
}

variable "commit" {
  description = "Commit of this configuration, recorded in the output deployed. Null if it is applied by hand."
  type        = string
  default     = null

  validation {
    condition     = var.commit == null || can(regex("^[0-9a-f]{40}$", var.commit))
    error_message = "Write commit as the 40 hexadecimal digits that git rev-parse HEAD prints, or leave it null."
  }
}

variable "postgres_digest" {
  description = "Digest of the image postgres in the registry, whose psql the job principals uses. The default is postgres:18.6-trixie."
  type        = string
  default     = "sha256:5a5a84b19854a9ffaa54082c166ff4ec27473a361e496e5ea167f298f2da9722"

  validation {
    condition     = can(regex("^sha256:[0-9a-f]{64}$", var.postgres_digest))
    error_message = "Write postgres_digest as sha256: and 64 hexadecimal digits, never as a tag."
  }
}

variable "service_cpu" {
  description = "Virtual cores of one replica; its memory is 2 GiB for each."
  type        = number
  default     = 0.5

  validation {
    condition     = var.service_cpu >= 0.25 && var.service_cpu <= 4 && floor(var.service_cpu * 4) == var.service_cpu * 4
    error_message = "Write service_cpu as a multiple of 0.25 from 0.25 to 4."
  }
}

variable "min_replicas" {
  description = "Minimum number of replicas. With 0, the first request after a pause waits for a start."
  type        = number
  default     = 2

  validation {
    condition     = var.min_replicas >= 0 && floor(var.min_replicas) == var.min_replicas
    error_message = "Write min_replicas as a whole number, at least 0."
  }
}

variable "max_replicas" {
  description = "Maximum number of replicas. Each opens up to 16 connections to the database."
  type        = number
  default     = 10

  validation {
    condition     = var.max_replicas >= max(var.min_replicas, 1) && var.max_replicas <= 300 && floor(var.max_replicas) == var.max_replicas
    error_message = "Write max_replicas as a whole number from min_replicas (at least 1) to 300."
  }
}

variable "concurrent_requests" {
  description = "Concurrent requests to one replica above which another is started."
  type        = number
  default     = 100

  validation {
    condition     = var.concurrent_requests >= 1 && floor(var.concurrent_requests) == var.concurrent_requests
    error_message = "Write concurrent_requests as a whole number, at least 1."
  }
}
