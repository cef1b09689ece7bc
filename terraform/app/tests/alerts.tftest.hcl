# Alerts, and the probes from outside.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment    = "dev"
  address_space  = "10.20.0.0/22"
  service_digest = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
  smoke_digest   = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
}

run "alerts_reach_the_contacts" {
  command = plan

  assert {
    condition     = [for r in azurerm_monitor_action_group.this.email_receiver : r.email_address] == ["oncall@example.com"]
    error_message = "Alerts must go to alert_contacts."
  }

  assert {
    condition     = alltrue([for a in concat(values(azurerm_monitor_metric_alert.app), values(azurerm_monitor_metric_alert.database)) : [for x in a.action : x.action_group_id] == [azurerm_monitor_action_group.this.id]])
    error_message = "Every alert must use the action group."
  }

  assert {
    condition     = azurerm_monitor_metric_alert.app["replicas"].criteria[0].metric_name == "Replicas" && azurerm_monitor_metric_alert.app["replicas"].criteria[0].threshold == 2
    error_message = "Fewer replicas than min_replicas must raise an alert."
  }

  assert {
    condition     = azurerm_monitor_metric_alert.app["latency"].criteria[0].metric_name == "ResponseTime" && azurerm_monitor_metric_alert.app["latency"].criteria[0].threshold == 250
    error_message = "A slow service must raise an alert."
  }

  assert {
    condition     = azurerm_monitor_metric_alert.app["server-errors"].criteria[0].metric_name == "Requests" && azurerm_monitor_metric_alert.app["server-errors"].criteria[0].dimension[0].values == tolist(["5xx"])
    error_message = "Responses with a 5xx status must raise an alert."
  }

  assert {
    condition     = azurerm_monitor_metric_alert.database["storage"].criteria[0].metric_name == "storage_percent" && azurerm_monitor_metric_alert.database["storage"].criteria[0].threshold == 80
    error_message = "A filling disk of the database must raise an alert."
  }

  assert {
    condition     = azurerm_monitor_metric_alert.database["alive"].criteria[0].metric_name == "is_db_alive" && azurerm_monitor_metric_alert.database["alive"].severity == 0
    error_message = "A database that does not answer must raise an alert of severity 0."
  }
}

run "failing_logins_and_ending_credentials_raise_alerts" {
  command = plan

  assert {
    condition     = alltrue([for a in azurerm_monitor_scheduled_query_rules_alert_v2.this : [for x in a.action : x.action_groups] == [tolist([azurerm_monitor_action_group.this.id])] && a.scopes == tolist([azurerm_log_analytics_workspace.this.id])])
    error_message = "The alerts must search the environment's logs and use the action group."
  }

  assert {
    condition     = azurerm_monitor_scheduled_query_rules_alert_v2.this["logins-fail"].criteria[0].query == file("queries/logins-that-fail.kql") && azurerm_monitor_scheduled_query_rules_alert_v2.this["logins-fail"].evaluation_frequency == "PT5M"
    error_message = "Failing logins must raise an alert within minutes."
  }

  assert {
    condition     = alltrue([for text in ["28P01", "28000", "no login for", "the database refuses the connection"] : strcontains(azurerm_monitor_scheduled_query_rules_alert_v2.this["logins-fail"].criteria[0].query, "\"${text}\"")])
    error_message = "The alert must know what the database and the programs write when a login fails."
  }

  assert {
    condition     = strcontains(azurerm_monitor_scheduled_query_rules_alert_v2.this["credentials-end"].criteria[0].query, "Ends < now() + 7d") && azurerm_monitor_scheduled_query_rules_alert_v2.this["credentials-end"].evaluation_frequency == "P1D"
    error_message = "A credential within 7 days of its end must raise an alert each day."
  }

  assert {
    condition     = alltrue([for a in azurerm_monitor_scheduled_query_rules_alert_v2.this : a.criteria[0].time_aggregation_method == "Count" && a.criteria[0].operator == "GreaterThan" && a.criteria[0].threshold == 0])
    error_message = "One row of the search must be enough."
  }
}

run "a_public_service_is_probed_from_outside" {
  command = plan

  variables {
    public_ingress = true
  }

  assert {
    condition     = azurerm_application_insights_standard_web_test.readyz[0].request[0].url == "${output.url}/readyz"
    error_message = "The probes must request /readyz at the service's address."
  }

  assert {
    condition     = length(azurerm_application_insights_standard_web_test.readyz[0].geo_locations) >= 3 && azurerm_monitor_metric_alert.availability[0].application_insights_web_test_location_availability_criteria[0].failed_location_count == 2
    error_message = "A failure of one probe must raise no alert."
  }

  assert {
    condition     = !azurerm_application_insights.this[0].local_authentication_enabled
    error_message = "Application Insights must accept only Entra tokens."
  }
}

run "a_restricted_service_is_not_probed_from_outside" {
  command = plan

  variables {
    public_ingress       = true
    ingress_allowed_from = { office = "203.0.113.0/24" }
  }

  assert {
    condition     = length(azurerm_application_insights_standard_web_test.readyz) == 0
    error_message = "There must be no probes: Azure's would be refused and raise an alert for ever."
  }
}
