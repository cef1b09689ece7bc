terraform {
  required_version = ">= 1.11"
}

variable "unused" {
  description = "Nobody reads it."
  type        = string
}

resource "azurerm_resource_group" "this" {
  name     = "app"
  location = "westeurope"
}
