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

run "every_log_goes_to_the_workspace" {
  command = plan

  assert {
    condition     = toset(keys(azurerm_monitor_diagnostic_setting.this)) == toset(["database", "environment", "registry", "vault", "network", "workspace", "firewall-apps", "firewall-database", "firewall-endpoints"])
    error_message = "Every resource with logs must have a diagnostic setting."
  }

  assert {
    condition     = alltrue([for d in azurerm_monitor_diagnostic_setting.this : d.log_analytics_workspace_id == azurerm_log_analytics_workspace.this.id])
    error_message = "Every diagnostic setting must send to the workspace."
  }

  assert {
    condition     = [for l in azurerm_monitor_diagnostic_setting.this["database"].enabled_log : l.category] == ["PostgreSQLLogs"]
    error_message = "The database's log, which holds the audit records, must go to the workspace."
  }

  assert {
    condition     = toset([for l in azurerm_monitor_diagnostic_setting.this["environment"].enabled_log : l.category]) == toset(["ContainerAppConsoleLogs", "ContainerAppSystemLogs"])
    error_message = "The logs of the service and the jobs must go to the workspace."
  }

  assert {
    condition     = alltrue([for d in azurerm_monitor_diagnostic_setting.this : length(d.enabled_log) > 0])
    error_message = "Every diagnostic setting must enable a log."
  }
}

run "logs_go_to_the_workspace_without_a_key" {
  command = plan

  assert {
    condition     = azurerm_container_app_environment.this.logs_destination == "azure-monitor" && azurerm_container_app_environment.this.log_analytics_workspace_id == null
    error_message = "The container environment must send logs through Azure Monitor: otherwise it needs the workspace's key."
  }

  assert {
    condition     = !azurerm_log_analytics_workspace.this.local_authentication_enabled
    error_message = "The workspace must accept only Entra tokens."
  }

  assert {
    condition     = azurerm_log_analytics_workspace.this.retention_in_days == 365
    error_message = "The audit trail must be kept for a year by default."
  }
}

run "the_saved_searches_exist" {
  command = plan

  assert {
    condition     = toset(keys(azurerm_log_analytics_saved_search.this)) == toset(["who-did-what", "who-signed-in", "who-was-refused", "who-changed-roles", "who-read-secrets"])
    error_message = "The saved searches must exist."
  }

  assert {
    condition = alltrue([for text in ["Microsoft Entra ID connection authorized", "UPN=", "session=", "AUDIT: "] :
    strcontains(azurerm_log_analytics_saved_search.this["who-did-what"].query, text)])
    error_message = "who-did-what must join audit records to the line that names the person, by session."
  }

  assert {
    condition     = alltrue([for s in azurerm_log_analytics_saved_search.this : s.category == "rates: who did what"])
    error_message = "The saved searches must be in one category."
  }
}
