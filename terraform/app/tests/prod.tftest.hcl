# The settings of environments/prod.tfvars: it survives the loss of a zone and of a
# region.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  service_digest = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
}

run "prod_survives_the_loss_of_a_zone" {
  command = plan

  assert {
    condition     = var.environment == "prod" && azurerm_postgresql_flexible_server.this.name == "psql-rates-prod-acme1"
    error_message = "environments/prod.tfvars must set the environment prod."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.high_availability[0].mode == "ZoneRedundant"
    error_message = "The database of prod must have a standby in another zone."
  }

  assert {
    condition     = azurerm_container_app_environment.this.zone_redundancy_enabled && azurerm_container_app.rates[0].template[0].min_replicas >= 3
    error_message = "prod must have a replica in each of three zones."
  }

  assert {
    condition     = azurerm_container_registry.this.zone_redundancy_enabled
    error_message = "The registry of prod must survive the loss of a zone."
  }

  assert {
    condition     = length(azurerm_monitor_metric_alert.availability) == 1
    error_message = "prod must be probed from outside."
  }
}

run "prod_loses_no_data" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server.this.backup_retention_days == 35 && azurerm_postgresql_flexible_server.this.geo_redundant_backup_enabled
    error_message = "prod must keep its backups for long, in another region too."
  }

  assert {
    condition     = length(azurerm_management_lock.this) == 4
    error_message = "Every resource with data in prod must be locked."
  }

  assert {
    condition     = azurerm_log_analytics_workspace.this.retention_in_days >= 365 && azurerm_log_analytics_workspace.this.daily_quota_gb == -1
    error_message = "prod must keep every audit record for a year."
  }
}

run "prod_is_closed_except_for_the_service" {
  command = plan

  assert {
    condition     = !azurerm_postgresql_flexible_server.this.public_network_access_enabled && !azurerm_key_vault.this.public_network_access_enabled && !azurerm_container_registry.this.public_network_access_enabled
    error_message = "Only the service of prod may have a public address."
  }

  assert {
    condition     = output.url == "https://ca-rates-prod.happyfield-00000000.westeurope.azurecontainerapps.io" && !azurerm_container_app.rates[0].ingress[0].allow_insecure_connections
    error_message = "The service of prod must accept only TLS."
  }
}
