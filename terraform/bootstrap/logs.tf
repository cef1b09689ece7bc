# Logs of who read or wrote a state and who changed the subscription.
resource "azurerm_log_analytics_workspace" "platform" {
  name                         = "log-rates-platform"
  resource_group_name          = azurerm_resource_group.platform.name
  location                     = azurerm_resource_group.platform.location
  sku                          = "PerGB2018"
  retention_in_days            = 365
  local_authentication_enabled = false
  tags                         = local.tags
}

resource "azurerm_monitor_diagnostic_setting" "state" {
  name                       = "to-log-analytics"
  target_resource_id         = "${azurerm_storage_account.state.id}/blobServices/default"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.platform.id

  enabled_log {
    category = "StorageRead"
  }

  enabled_log {
    category = "StorageWrite"
  }

  enabled_log {
    category = "StorageDelete"
  }
}

resource "azurerm_monitor_diagnostic_setting" "subscription" {
  name                       = "rates-activity-to-log-analytics"
  target_resource_id         = local.subscription
  log_analytics_workspace_id = azurerm_log_analytics_workspace.platform.id

  enabled_log {
    category = "Administrative"
  }

  enabled_log {
    category = "Security"
  }

  enabled_log {
    category = "Policy"
  }
}

resource "azurerm_log_analytics_saved_search" "who_changed_azure" {
  name                       = "who-changed-azure"
  display_name               = "Who changed what in Azure"
  category                   = "rates: who did what"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.platform.id
  query                      = file("${path.module}/queries/who-changed-azure.kql")
}

resource "azurerm_log_analytics_saved_search" "who_touched_state" {
  name                       = "who-touched-state"
  display_name               = "Who read or wrote a Terraform state"
  category                   = "rates: who did what"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.platform.id
  query                      = file("${path.module}/queries/who-touched-state.kql")
}
