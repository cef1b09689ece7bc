# The settings of environments/dev.tfvars: small, cheap and disposable.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  service_digest = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
}

run "dev_is_cheap_and_can_be_removed" {
  command = plan

  assert {
    condition     = var.environment == "dev" && azurerm_postgresql_flexible_server.this.name == "psql-rates-dev-acme1"
    error_message = "environments/dev.tfvars must set the environment dev."
  }

  assert {
    condition     = length(azurerm_management_lock.this) == 0
    error_message = "Nothing in dev may be locked."
  }

  assert {
    condition     = length(azurerm_postgresql_flexible_server.this.high_availability) == 0 && startswith(azurerm_postgresql_flexible_server.this.sku_name, "B_")
    error_message = "dev must have a small database without a standby."
  }

  assert {
    condition     = !azurerm_postgresql_flexible_server.this.geo_redundant_backup_enabled && azurerm_postgresql_flexible_server.this.backup_retention_days == 7
    error_message = "dev must keep its backups for a week, in its own region."
  }

  assert {
    condition     = azurerm_container_app.rates[0].template[0].min_replicas == 0 && !azurerm_container_app_environment.this.zone_redundancy_enabled
    error_message = "dev must scale to zero."
  }

  assert {
    condition     = length(azurerm_application_insights_standard_web_test.readyz) == 0
    error_message = "dev must have no probes from outside: they would keep it up."
  }

  assert {
    condition     = azurerm_log_analytics_workspace.this.daily_quota_gb == 1 && azurerm_log_analytics_workspace.this.retention_in_days == 30
    error_message = "The logs of dev must have a daily limit."
  }
}

run "dev_has_a_job_for_its_first_data" {
  command = plan

  assert {
    condition     = azurerm_container_app_job.seed[0].name == output.jobs.seed
    error_message = "dev must have the job seed."
  }
}

run "dev_is_as_closed_as_prod" {
  command = plan

  assert {
    condition     = !azurerm_postgresql_flexible_server.this.public_network_access_enabled && !azurerm_key_vault.this.public_network_access_enabled && !azurerm_container_registry.this.public_network_access_enabled
    error_message = "dev must have no public address that prod does not have."
  }

  assert {
    condition     = !azurerm_postgresql_flexible_server.this.authentication[0].password_auth_enabled
    error_message = "dev must accept no passwords."
  }

  assert {
    condition     = output.url != null && !azurerm_container_app_environment.this.internal_load_balancer_enabled
    error_message = "The smoke features must reach dev."
  }
}
