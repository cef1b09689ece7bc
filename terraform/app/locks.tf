# Locks whatever this folder cannot recreate: the data, the audit trail and the
# images that run.
locals {
  precious = {
    database  = azurerm_postgresql_flexible_server.this.id
    registry  = azurerm_container_registry.this.id
    vault     = azurerm_key_vault.this.id
    workspace = azurerm_log_analytics_workspace.this.id
  }
}

resource "azurerm_management_lock" "this" {
  for_each = var.locked ? local.precious : {}

  name       = "must-not-vanish"
  scope      = each.value
  lock_level = "CanNotDelete"
  notes      = "Set by terraform/app; set locked = false and apply to lift it."

  # A lock also forbids removing children, which a change of these may need.
  depends_on = [
    azurerm_postgresql_flexible_server_active_directory_administrator.people,
    azurerm_postgresql_flexible_server_configuration.this,
    azurerm_postgresql_flexible_server_database.rates,
  ]
}
