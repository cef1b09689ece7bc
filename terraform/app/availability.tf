# Probes from outside: three locations request /readyz every five minutes. Only
# for an unrestricted public service, because Azure's probes have no fixed
# addresses, and not for one that scales to zero, because they would keep it up.
locals {
  watched_from_outside = var.public_ingress && length(var.ingress_allowed_from) == 0 && var.min_replicas > 0 && var.service_digest != null
}

resource "azurerm_application_insights" "this" {
  count = local.watched_from_outside ? 1 : 0

  name                         = "appi-${local.name}"
  resource_group_name          = local.group
  location                     = local.location
  workspace_id                 = azurerm_log_analytics_workspace.this.id
  application_type             = "other"
  local_authentication_enabled = false
  tags                         = local.tags
}

resource "azurerm_application_insights_standard_web_test" "readyz" {
  count = local.watched_from_outside ? 1 : 0

  name                    = "test-${local.name}-readyz"
  resource_group_name     = local.group
  location                = local.location
  application_insights_id = azurerm_application_insights.this[0].id
  enabled                 = true
  retry_enabled           = true
  frequency               = 300
  timeout                 = 30
  geo_locations           = ["emea-nl-ams-azr", "emea-gb-db3-azr", "us-va-ash-azr"]
  tags                    = local.tags

  request {
    url                              = "${local.url}/readyz"
    parse_dependent_requests_enabled = false
  }

  validation_rules {
    expected_status_code        = 200
    ssl_check_enabled           = true
    ssl_cert_remaining_lifetime = 7
  }
}

resource "azurerm_monitor_metric_alert" "availability" {
  count = local.watched_from_outside ? 1 : 0

  name                = "alert-${local.name}-availability"
  resource_group_name = local.group
  scopes              = [azurerm_application_insights.this[0].id, azurerm_application_insights_standard_web_test.readyz[0].id]
  description         = "Two of three locations cannot reach the service."
  severity            = 0
  frequency           = "PT1M"
  window_size         = "PT5M"
  tags                = local.tags

  application_insights_web_test_location_availability_criteria {
    component_id          = azurerm_application_insights.this[0].id
    web_test_id           = azurerm_application_insights_standard_web_test.readyz[0].id
    failed_location_count = 2
  }

  action {
    action_group_id = azurerm_monitor_action_group.this.id
  }
}
