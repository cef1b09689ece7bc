# Alerts on what the logs say of logins and credentials.
locals {
  login_alerts = {
    logins-fail = {
      description = "Logins to the database failed in two of three periods of five minutes."
      severity    = 1, query = "logins-that-fail", frequency = "PT5M", window = "PT5M", failing = 2, of = 3
    }
    credentials-end = {
      description = "A secret or certificate in the key vault ends within 7 days."
      severity    = 1, query = "credentials-that-end", frequency = "P1D", window = "P2D", failing = 1, of = 1
    }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "this" {
  for_each = local.login_alerts

  name                 = "alert-${local.name}-${each.key}"
  resource_group_name  = local.group
  location             = local.location
  scopes               = [azurerm_log_analytics_workspace.this.id]
  description          = each.value.description
  severity             = each.value.severity
  evaluation_frequency = each.value.frequency
  window_duration      = each.value.window
  tags                 = local.tags

  # The tables come with their first logs, which may be later than this rule.
  skip_query_validation = true

  criteria {
    query                   = file("${path.module}/queries/${each.value.query}.kql")
    time_aggregation_method = "Count"
    operator                = "GreaterThan"
    threshold               = 0

    failing_periods {
      minimum_failing_periods_to_trigger_alert = each.value.failing
      number_of_evaluation_periods             = each.value.of
    }
  }

  action {
    action_groups = [azurerm_monitor_action_group.this.id]
  }
}
