variable "size" {
  type    = number
  default = 1

  validation {
    condition     = var.size > 0
    error_message = "Write size as a number above 0."
  }
}

resource "terraform_data" "store" {
  input = {
    encrypted = true
    retention = 30
  }
}
