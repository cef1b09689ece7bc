# Read replicas are as closed as the primary, and only the service asks them. The
# policy judges the first plan (terraform/compliance/plans.yaml).
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan

  override_resource {
    target          = azurerm_postgresql_flexible_server.replica[0]
    override_during = plan
    values = {
      id   = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-rates-dev-acme1-replica-1"
      fqdn = "replica-1.postgres.database.azure.com"
    }
  }

  override_resource {
    target          = azurerm_postgresql_flexible_server.replica[1]
    override_during = plan
    values = {
      id   = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-rates-dev-acme1-replica-2"
      fqdn = "replica-2.postgres.database.azure.com"
    }
  }
}

variables {
  environment            = "dev"
  address_space          = "10.20.0.0/22"
  public_ingress         = true
  seed                   = true
  migrations_digest      = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
  service_digest         = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
  smoke_digest           = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
  database_read_replicas = 2
}

run "replicas_are_as_closed_as_the_primary" {
  command = plan

  assert {
    condition     = [for r in azurerm_postgresql_flexible_server.replica : r.name] == ["psql-rates-dev-acme1-replica-1", "psql-rates-dev-acme1-replica-2"]
    error_message = "database_read_replicas must create that many replicas."
  }

  assert {
    condition     = alltrue([for r in azurerm_postgresql_flexible_server.replica : r.create_mode == "Replica" && r.source_server_id == azurerm_postgresql_flexible_server.this.id])
    error_message = "The replicas must follow the primary."
  }

  assert {
    condition     = alltrue([for r in azurerm_postgresql_flexible_server.replica : r.sku_name == azurerm_postgresql_flexible_server.this.sku_name && r.storage_mb == azurerm_postgresql_flexible_server.this.storage_mb && r.auto_grow_enabled])
    error_message = "A replica must not be smaller than the primary, nor stay so when that grows: it could not follow."
  }

  assert {
    condition     = alltrue([for r in azurerm_postgresql_flexible_server.replica : r.delegated_subnet_id == azurerm_subnet.database.id && r.private_dns_zone_id == azurerm_private_dns_zone.this["database"].id && !r.public_network_access_enabled])
    error_message = "The replicas must live in the subnet of the database, with private names."
  }

  assert {
    condition     = alltrue([for r in azurerm_postgresql_flexible_server.replica : r.authentication[0].active_directory_auth_enabled && !r.authentication[0].password_auth_enabled && r.authentication[0].tenant_id == "00000000-0000-0000-0000-00000000000a"])
    error_message = "The replicas must accept tokens of their tenant and no passwords."
  }

  assert {
    condition     = alltrue([for n in [1, 2] : azurerm_management_lock.this["replica-${n}"].scope == azurerm_postgresql_flexible_server.replica[n - 1].id])
    error_message = "The replicas must be locked."
  }

  assert {
    condition     = alltrue([for n in [1, 2] : azurerm_monitor_diagnostic_setting.this["replica-${n}"].target_resource_id == azurerm_postgresql_flexible_server.replica[n - 1].id && [for l in azurerm_monitor_diagnostic_setting.this["replica-${n}"].enabled_log : l.category] == ["PostgreSQLLogs"]])
    error_message = "The logs of the replicas, with who read what, must go to the workspace."
  }

  assert {
    condition     = alltrue([for n in [1, 2] : alltrue([for alert in ["alive", "storage", "processor", "lag"] : azurerm_monitor_metric_alert.database["replica-${n}-${alert}"].scopes == toset([azurerm_postgresql_flexible_server.replica[n - 1].id])])])
    error_message = "Each replica must have the alerts of the primary, and one for its lag."
  }

  assert {
    condition     = azurerm_monitor_metric_alert.database["replica-1-lag"].criteria[0].metric_name == "physical_replication_delay_in_seconds" && azurerm_monitor_metric_alert.database["replica-1-lag"].criteria[0].threshold == 300
    error_message = "A replica that is more than five minutes behind must raise an alert."
  }

  assert {
    condition     = azurerm_monitor_metric_alert.database["alive"].scopes == toset([azurerm_postgresql_flexible_server.this.id])
    error_message = "The alerts of the primary must stay."
  }
}

run "only_the_service_asks_the_replicas" {
  command = plan

  assert {
    condition     = { for e in azurerm_container_app.rates[0].template[0].container[0].env : e.name => e.value if e.name == "DATABASE_URL" } == { DATABASE_URL = "postgres://rates_service@replica-1.postgres.database.azure.com:5432,replica-2.postgres.database.azure.com:5432/rates?sslmode=verify-full&load_balance_hosts=random" }
    error_message = "The service must ask all replicas alike."
  }

  assert {
    condition     = one([for e in azurerm_container_app.rates[0].template[0].container[0].env : e.value if e.name == "RATES_WATCH_URL"]) == "postgres://rates_service@server.postgres.database.azure.com:5432/rates?sslmode=verify-full"
    error_message = "The service must watch the primary."
  }

  assert {
    condition     = alltrue([for job in concat(azurerm_container_app_job.migrate, azurerm_container_app_job.seed) : endswith(one([for e in job.template[0].container[0].env : e.value if e.name == "DATABASE_URL"]), "@server.postgres.database.azure.com:5432/rates?sslmode=verify-full")])
    error_message = "Whatever writes must ask the primary."
  }

  assert {
    condition     = one([for e in azurerm_container_app_job.principals[0].template[0].container[0].env : e.value if e.name == "PGHOST"]) == "server.postgres.database.azure.com"
    error_message = "The logins must be created on the primary, which the replicas follow."
  }

  assert {
    condition     = output.database.host == "server.postgres.database.azure.com" && output.database.replicas == ["replica-1.postgres.database.azure.com", "replica-2.postgres.database.azure.com"]
    error_message = "The output database must name the primary and the replicas."
  }
}

run "with_passwords_both_addresses_are_secrets" {
  command = plan

  variables {
    database_password_login         = true
    database_administrator_password = "not-a-real-password-but-long"
  }

  assert {
    condition     = { for e in azurerm_container_app.rates[0].template[0].container[0].env : e.name => e.secret_name if e.secret_name != null && e.secret_name != "" } == { DATABASE_URL = "database-url", RATES_WATCH_URL = "watch-url" }
    error_message = "DATABASE_URL and RATES_WATCH_URL must come from secrets."
  }

  assert {
    condition     = toset([for s in azurerm_container_app.rates[0].secret : s.key_vault_secret_id]) == toset(["https://vault.vault.azure.net/secrets/database-url", "https://vault.vault.azure.net/secrets/watch-url"])
    error_message = "The service must take both secrets from the key vault."
  }

  assert {
    condition     = alltrue([for r in azurerm_postgresql_flexible_server.replica : r.authentication[0].password_auth_enabled && r.administrator_password_wo == null])
    error_message = "The replicas must accept passwords too; their logins are those of the primary."
  }
}

run "by_default_there_is_none" {
  command = plan

  variables {
    database_read_replicas = 0
  }

  assert {
    condition     = length(azurerm_postgresql_flexible_server.replica) == 0 && length([for e in azurerm_container_app.rates[0].template[0].container[0].env : e if e.name == "RATES_WATCH_URL"]) == 0 && one([for e in azurerm_container_app.rates[0].template[0].container[0].env : e.value if e.name == "DATABASE_URL"]) == "postgres://rates_service@server.postgres.database.azure.com:5432/rates?sslmode=verify-full"
    error_message = "Without replicas the service must ask the primary."
  }
}

run "the_most_that_azure_gives" {
  command = plan

  variables {
    database_sku           = "MO_Standard_E2ds_v5"
    database_read_replicas = 5
  }

  assert {
    condition     = length(azurerm_postgresql_flexible_server.replica) == 5
    error_message = "Five replicas must be possible."
  }
}
