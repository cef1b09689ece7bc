resource "azurerm_log_analytics_workspace" "this" {
  name                         = "log-${local.name}"
  resource_group_name          = local.group
  location                     = local.location
  sku                          = "PerGB2018"
  retention_in_days            = var.log_retention_days
  daily_quota_gb               = var.log_daily_gb
  local_authentication_enabled = false # Entra only; the workspace's keys are useless
  tags                         = local.tags
}

# Every resource with logs sends them to the workspace.
locals {
  diagnostics = merge({
    database = {
      id         = azurerm_postgresql_flexible_server.this.id
      categories = ["PostgreSQLLogs"]
      groups     = []
      metrics    = true
    }
    environment = {
      id         = azurerm_container_app_environment.this.id
      categories = ["ContainerAppConsoleLogs", "ContainerAppSystemLogs"]
      groups     = []
      metrics    = false
    }
    registry = {
      id         = azurerm_container_registry.this.id
      categories = []
      groups     = ["allLogs"]
      metrics    = true
    }
    vault = {
      id         = azurerm_key_vault.this.id
      categories = []
      groups     = ["allLogs"]
      metrics    = true
    }
    network = {
      id         = azurerm_virtual_network.this.id
      categories = []
      groups     = ["allLogs"]
      metrics    = true
    }
    workspace = {
      id         = azurerm_log_analytics_workspace.this.id
      categories = []
      groups     = ["audit"]
      metrics    = false
    }
    }, {
    for name, id in local.replica_ids : name => {
      id         = id
      categories = ["PostgreSQLLogs"]
      groups     = []
      metrics    = true
    }
    }, {
    for subnet in keys(local.firewall) : "firewall-${subnet}" => {
      id         = azurerm_network_security_group.this[subnet].id
      categories = []
      groups     = ["allLogs"]
      metrics    = false
    }
  })
}

resource "azurerm_monitor_diagnostic_setting" "this" {
  for_each = local.diagnostics

  name                       = "to-log-analytics"
  target_resource_id         = each.value.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id

  dynamic "enabled_log" {
    for_each = each.value.categories

    content {
      category = enabled_log.value
    }
  }

  dynamic "enabled_log" {
    for_each = each.value.groups

    content {
      category_group = enabled_log.value
    }
  }

  dynamic "enabled_metric" {
    for_each = each.value.metrics ? ["AllMetrics"] : []

    content {
      category = enabled_metric.value
    }
  }
}

locals {
  searches = {
    who-did-what      = "Who did what in the database"
    who-signed-in     = "Who signed in to the database"
    who-was-refused   = "Whom the database refused"
    who-changed-roles = "Who changed roles, rights or tables"
    who-read-secrets  = "Who read or wrote secrets"
  }
}

resource "azurerm_log_analytics_saved_search" "this" {
  for_each = local.searches

  name                       = each.key
  display_name               = each.value
  category                   = "rates: who did what"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id
  query                      = file("${path.module}/queries/${each.key}.kql")
}
