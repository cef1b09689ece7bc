variable "password" {
  type = string
}

locals {
  url = "postgres://rates:${var.password}@db/rates"
}
