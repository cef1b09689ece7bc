variable "log_retention_days" {
  description = "Days for which logs, and so the audit trail, are kept."
  type        = number
  default     = 365

  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 730 && floor(var.log_retention_days) == var.log_retention_days
    error_message = "Write log_retention_days as a whole number from 30 to 730."
  }
}

variable "log_daily_gb" {
  description = "Logs in GB a day, after which Azure drops what comes until the next day, audit records too; -1 for no limit."
  type        = number
  default     = -1

  validation {
    condition     = var.log_daily_gb == -1 || var.log_daily_gb >= 1
    error_message = "Write log_daily_gb as 1 or more, or as -1 for no limit."
  }
}

variable "alert_contacts" {
  description = "E-mail addresses that hear of alerts."
  type        = set(string)

  validation {
    condition     = length(var.alert_contacts) > 0 && alltrue([for a in var.alert_contacts : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", a))])
    error_message = "Write alert_contacts as at least one e-mail address, for example [\"oncall@example.com\"]."
  }
}

variable "alert_latency_ms" {
  description = "Mean answer time in milliseconds, over five minutes, above which somebody is told."
  type        = number
  default     = 250

  validation {
    condition     = var.alert_latency_ms > 0
    error_message = "Write alert_latency_ms as a number of milliseconds above 0."
  }
}

variable "alert_server_errors" {
  description = "Answers with a status from 500 on, within five minutes, above which somebody is told."
  type        = number
  default     = 5

  validation {
    condition     = var.alert_server_errors >= 0
    error_message = "Write alert_server_errors as a number from 0 on."
  }
}
