# Created by terraform/bootstrap.
data "azurerm_resource_group" "this" {
  name = "rg-rates-${var.environment}"
}

data "azurerm_client_config" "current" {}

locals {
  name      = "rates-${var.environment}"
  group     = data.azurerm_resource_group.this.name
  location  = data.azurerm_resource_group.this.location
  tenant_id = data.azurerm_client_config.current.tenant_id

  tags = {
    application = "rates"
    environment = var.environment
    managed_by  = "terraform/app"
    owner       = var.owner
  }
}
