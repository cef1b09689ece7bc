# Warnings to the administrators, and the prerequisites of terraform/app.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

run "a_budget_warns_before_it_is_used_up" {
  command = plan

  assert {
    condition     = { for e, b in azurerm_consumption_budget_resource_group.environment : e => b.amount } == { dev = 250, prod = 1500 }
    error_message = "Each environment must have its budget."
  }

  assert {
    condition     = alltrue([for b in azurerm_consumption_budget_resource_group.environment : toset([for n in b.notification : "${n.threshold_type} ${n.threshold}"]) == toset(["Actual 50", "Actual 90", "Forecasted 100"])])
    error_message = "A budget must warn at 50 %, at 90 %, and when the forecast exceeds it."
  }

  assert {
    condition     = alltrue(flatten([for b in azurerm_consumption_budget_resource_group.environment : [for n in b.notification : n.contact_emails == tolist(["platform@example.com"])]]))
    error_message = "Warnings must go to budget_contacts."
  }
}

run "access_to_the_state_and_changes_of_the_subscription_are_logged" {
  command = plan

  assert {
    condition     = toset([for l in azurerm_monitor_diagnostic_setting.state.enabled_log : l.category]) == toset(["StorageRead", "StorageWrite", "StorageDelete"]) && endswith(azurerm_monitor_diagnostic_setting.state.target_resource_id, "/blobServices/default")
    error_message = "Every access to a state must be logged."
  }

  assert {
    condition     = contains([for l in azurerm_monitor_diagnostic_setting.subscription.enabled_log : l.category], "Administrative")
    error_message = "Every change in the subscription must be logged."
  }

  assert {
    condition     = azurerm_log_analytics_workspace.platform.retention_in_days == 365 && !azurerm_log_analytics_workspace.platform.local_authentication_enabled
    error_message = "The logs must be kept for a year and accept only Entra identities."
  }

  assert {
    condition     = strcontains(azurerm_log_analytics_saved_search.who_changed_azure.query, "AzureActivity") && strcontains(azurerm_log_analytics_saved_search.who_touched_state.query, "StorageBlobLogs")
    error_message = "The saved searches must exist."
  }
}

run "the_prerequisites_of_app_exist" {
  command = plan

  assert {
    condition     = output.resource_groups == { dev = "rg-rates-dev", prod = "rg-rates-prod" }
    error_message = "The groups that terraform/app uses must exist."
  }

  assert {
    condition = length(setsubtract([
      "Microsoft.App", "Microsoft.ContainerRegistry", "Microsoft.DBforPostgreSQL", "Microsoft.Insights", "Microsoft.KeyVault",
      "Microsoft.ManagedIdentity", "Microsoft.Network", "Microsoft.OperationalInsights",
    ], output.resource_providers)) == 0
    error_message = "The resource providers that terraform/app uses must be registered."
  }

  assert {
    condition     = alltrue([for g in azurerm_resource_group.environment : g.tags["application"] == "rates" && g.tags["owner"] == "platform@example.com"])
    error_message = "Groups must have tags for application and owner."
  }
}

run "one_environment_can_be_prepared_alone" {
  command = plan

  variables {
    environments = { dev = { monthly_budget = 10 } }
  }

  assert {
    condition     = toset(keys(azurerm_user_assigned_identity.deploy)) == toset(["dev-plan", "dev-apply"]) && keys(azurerm_resource_group.environment) == ["dev"]
    error_message = "Only the given environment must be prepared."
  }
}
