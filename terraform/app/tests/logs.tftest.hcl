# Logs and the saved searches over them.
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

run "everything_says_what_happens_to_the_workspace" {
  command = plan

  assert {
    condition     = toset(keys(azurerm_monitor_diagnostic_setting.this)) == toset(["database", "environment", "registry", "vault", "network", "workspace", "firewall-apps", "firewall-database", "firewall-endpoints"])
    error_message = "Everything that has diagnostic settings must have one."
  }

  assert {
    condition     = alltrue([for d in azurerm_monitor_diagnostic_setting.this : d.log_analytics_workspace_id == azurerm_log_analytics_workspace.this.id])
    error_message = "Diagnostic settings must go to our workspace."
  }

  assert {
    condition     = [for l in azurerm_monitor_diagnostic_setting.this["database"].enabled_log : l.category] == ["PostgreSQLLogs"]
    error_message = "The database's log, which holds the audit records, must go to the workspace."
  }

  assert {
    condition     = toset([for l in azurerm_monitor_diagnostic_setting.this["environment"].enabled_log : l.category]) == toset(["ContainerAppConsoleLogs", "ContainerAppSystemLogs"])
    error_message = "What the service and the jobs say must go to the workspace."
  }

  assert {
    condition     = alltrue([for d in azurerm_monitor_diagnostic_setting.this : length(d.enabled_log) > 0])
    error_message = "A diagnostic setting without a log says nothing."
  }
}

run "logs_go_to_the_workspace_without_a_key" {
  command = plan

  assert {
    condition     = azurerm_container_app_environment.this.logs_destination == "azure-monitor" && azurerm_container_app_environment.this.log_analytics_workspace_id == null
    error_message = "The container environment must send logs through Azure Monitor: otherwise it is given the workspace's key."
  }

  assert {
    condition     = !azurerm_log_analytics_workspace.this.local_authentication_enabled
    error_message = "The workspace must take Entra tokens alone."
  }

  assert {
    condition     = azurerm_log_analytics_workspace.this.retention_in_days == 365
    error_message = "The audit trail must be kept for a year unless asked otherwise."
  }
}

run "who_did_what_is_ready_to_be_asked" {
  command = plan

  assert {
    condition     = toset(keys(azurerm_log_analytics_saved_search.this)) == toset(["who-did-what", "who-signed-in", "who-was-refused", "who-changed-roles", "who-read-secrets"])
    error_message = "The saved searches must be there."
  }

  assert {
    condition = alltrue([for text in ["Microsoft Entra ID connection authorized", "UPN=", "session=", "AUDIT: "] :
    strcontains(azurerm_log_analytics_saved_search.this["who-did-what"].query, text)])
    error_message = "who-did-what must join audit records to the line that names the person, by session."
  }

  assert {
    condition     = alltrue([for s in azurerm_log_analytics_saved_search.this : s.category == "rates: who did what"])
    error_message = "The saved searches must stand together."
  }
}
