# Locks whatever this folder cannot recreate: the data, the audit trail and the
# images that run. And the replicas, without which the primary has all the work.
locals {
  precious = merge({
    database  = azurerm_postgresql_flexible_server.this.id
    registry  = azurerm_container_registry.this.id
    vault     = azurerm_key_vault.this.id
    workspace = azurerm_log_analytics_workspace.this.id
  }, local.replica_ids)
}

resource "azurerm_management_lock" "this" {
  for_each = var.locked ? local.precious : {}

  name       = "must-not-vanish"
  scope      = each.value
  lock_level = "CanNotDelete"
  notes      = "Set by terraform/app; set locked = false and apply to lift it."

  # A lock also forbids removing what belongs to its scope, extension resources such
  # as diagnostic settings included. So it is lifted before any of these goes.
  depends_on = [
    azurerm_log_analytics_saved_search.this,
    azurerm_monitor_diagnostic_setting.this,
    azurerm_postgresql_flexible_server_active_directory_administrator.people,
    azurerm_postgresql_flexible_server_configuration.this,
    azurerm_postgresql_flexible_server_database.rates,
    azurerm_role_assignment.pull,
    azurerm_role_assignment.service_reads_secrets,
  ]
}
