terraform {
  required_version = ">= 1.11"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "5.2.0"
    }
  }
}

variable "location" {
  description = "Where the resources are."
  type        = string
}

resource "azurerm_resource_group" "this" {
  name     = "app"
  location = var.location
}
