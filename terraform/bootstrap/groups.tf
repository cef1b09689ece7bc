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
  count = var.locked ? 1 : 0

  name       = "state-must-not-vanish"
  scope      = azurerm_storage_account.state.id
  lock_level = "CanNotDelete"
  notes      = "Holds the Terraform state of every environment; set locked = false and apply to lift it."

  # Extension resources inherit it: it is lifted before any of these goes.
  depends_on = [
    azurerm_monitor_diagnostic_setting.state,
    azurerm_role_assignment.administrators_state,
    azurerm_role_assignment.apply_state,
    azurerm_role_assignment.plan_state,
    azurerm_storage_container.state,
  ]
}
