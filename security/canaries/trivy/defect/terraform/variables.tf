variable "storage_account_id" { type = string }
