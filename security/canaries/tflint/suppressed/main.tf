terraform {
  required_version = ">= 1.11"
}

# tflint-ignore: terraform_unused_declarations
variable "unused" {
  description = "Nobody reads it."
  type        = string
}

resource "azurerm_resource_group" "this" {
  name     = "app"
  location = "westeurope"
}
