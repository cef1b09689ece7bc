resource "azurerm_monitor_action_group" "this" {
  name                = "ag-${local.name}"
  resource_group_name = local.group
  short_name          = local.name
  tags                = local.tags

  dynamic "email_receiver" {
    for_each = var.alert_contacts

    content {
      name                    = email_receiver.value
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

# Severity 0 pages someone, 2 can wait until the morning.
locals {
  app_alerts = var.service_digest == null ? {} : merge({
    latency = {
      description = "Requests take longer than ${var.alert_latency_ms} ms on average."
      severity    = 2, metric = "ResponseTime", aggregation = "Average", operator = "GreaterThan", threshold = var.alert_latency_ms
      dimension   = {}
    }
    server-errors = {
      description = "More than ${var.alert_server_errors} requests in five minutes failed with a 5xx status."
      severity    = 1, metric = "Requests", aggregation = "Total", operator = "GreaterThan", threshold = var.alert_server_errors
      dimension   = { statusCodeCategory = ["5xx"] }
    }
    restarts = {
      description = "A replica restarted more than three times in five minutes."
      severity    = 1, metric = "RestartCount", aggregation = "Maximum", operator = "GreaterThan", threshold = 3
      dimension   = {}
    }
    }, var.min_replicas == 0 ? {} : {
    replicas = {
      description = "Fewer than ${var.min_replicas} replicas run."
      severity    = 0, metric = "Replicas", aggregation = "Maximum", operator = "LessThan", threshold = var.min_replicas
      dimension   = {}
    }
  })

  server_alerts = {
    alive = {
      description = "The database does not answer."
      severity    = 0, metric = "is_db_alive", aggregation = "Maximum", operator = "LessThan", threshold = 1
    }
    storage = {
      description = "The database uses more than 80 % of its storage."
      severity    = 1, metric = "storage_percent", aggregation = "Average", operator = "GreaterThan", threshold = 80
    }
    processor = {
      description = "The database uses more than 90 % of its CPU."
      severity    = 2, metric = "cpu_percent", aggregation = "Average", operator = "GreaterThan", threshold = 90
    }
  }

  # A replica that stays behind also keeps the primary from removing its log.
  replica_alerts = merge(local.server_alerts, {
    lag = {
      description = "The replica is more than five minutes behind the primary."
      severity    = 1, metric = "physical_replication_delay_in_seconds", aggregation = "Maximum", operator = "GreaterThan", threshold = 300
    }
  })

  database_alerts = merge(
    { for key, alert in local.server_alerts : key => merge(alert, { server = azurerm_postgresql_flexible_server.this.id }) },
    [for name, id in local.replica_ids : { for key, alert in local.replica_alerts : "${name}-${key}" => merge(alert, { server = id }) }]...
  )
}

resource "azurerm_monitor_metric_alert" "app" {
  for_each = local.app_alerts

  name                = "alert-${local.name}-${each.key}"
  resource_group_name = local.group
  scopes              = [azurerm_container_app.rates[0].id]
  description         = each.value.description
  severity            = each.value.severity
  frequency           = "PT1M"
  window_size         = "PT5M"
  tags                = local.tags

  criteria {
    metric_namespace = "Microsoft.App/containerApps"
    metric_name      = each.value.metric
    aggregation      = each.value.aggregation
    operator         = each.value.operator
    threshold        = each.value.threshold

    dynamic "dimension" {
      for_each = each.value.dimension

      content {
        name     = dimension.key
        operator = "Include"
        values   = dimension.value
      }
    }
  }

  action {
    action_group_id = azurerm_monitor_action_group.this.id
  }
}

resource "azurerm_monitor_metric_alert" "database" {
  for_each = local.database_alerts

  name                = "alert-${local.name}-database-${each.key}"
  resource_group_name = local.group
  scopes              = [each.value.server]
  description         = each.value.description
  severity            = each.value.severity
  frequency           = "PT1M"
  window_size         = "PT5M"
  tags                = local.tags

  criteria {
    metric_namespace = "Microsoft.DBforPostgreSQL/flexibleServers"
    metric_name      = each.value.metric
    aggregation      = each.value.aggregation
    operator         = each.value.operator
    threshold        = each.value.threshold
  }

  action {
    action_group_id = azurerm_monitor_action_group.this.id
  }
}
