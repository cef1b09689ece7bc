resource "azurerm_resource_group" "platform" {
  name     = "rg-rates-platform"
  location = var.location
  tags     = local.tags
}

# Created here, so that the identities that apply an environment need no rights
# outside its group.
resource "azurerm_resource_group" "environment" {
  for_each = var.environments

  name     = "rg-rates-${each.key}"
  location = var.location
  tags     = merge(local.tags, { environment = each.key })
}

# A lock on the group would stop terraform/app from removing anything.
resource "azurerm_management_lock" "state" {
  name       = "state-must-not-vanish"
  scope      = azurerm_storage_account.state.id
  lock_level = "CanNotDelete"
  notes      = "Holds the Terraform state of every environment."
}
