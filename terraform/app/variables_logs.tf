variable "log_retention_days" {
  description = "Days for which logs, including the audit trail, are kept."
  type        = number
  default     = 365

  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 730 && floor(var.log_retention_days) == var.log_retention_days
    error_message = "Write log_retention_days as a whole number from 30 to 730."
  }
}

variable "log_daily_gb" {
  description = "Limit of logs in GB a day, after which Azure drops the rest until the next day, audit records included; -1 for no limit."
  type        = number
  default     = -1

  validation {
    condition     = var.log_daily_gb == -1 || var.log_daily_gb >= 1
    error_message = "Write log_daily_gb as 1 or more, or as -1 for no limit."
  }
}

variable "alert_contacts" {
  description = "E-mail addresses that receive alerts."
  type        = set(string)

  validation {
    condition     = length(var.alert_contacts) > 0 && alltrue([for a in var.alert_contacts : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", a))])
    error_message = "Write alert_contacts as at least one e-mail address, for example [\"oncall@example.com\"]."
  }
}

variable "alert_latency_ms" {
  description = "Mean response time over five minutes, in milliseconds, above which an alert fires."
  type        = number
  default     = 250

  validation {
    condition     = var.alert_latency_ms > 0
    error_message = "Write alert_latency_ms as a number of milliseconds above 0."
  }
}

variable "alert_server_errors" {
  description = "Number of 5xx responses within five minutes above which an alert fires."
  type        = number
  default     = 5

  validation {
    condition     = var.alert_server_errors >= 0
    error_message = "Write alert_server_errors as a number, at least 0."
  }
}
