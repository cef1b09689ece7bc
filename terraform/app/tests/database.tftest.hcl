# The database is private, takes Entra tokens alone, keeps its backups, and says
# who did what.
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

run "the_database_is_private_and_takes_tokens_alone" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server.this.delegated_subnet_id == azurerm_subnet.database.id && !azurerm_postgresql_flexible_server.this.public_network_access_enabled
    error_message = "The database must live in its delegated subnet, without a public address."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.authentication[0].active_directory_auth_enabled
    error_message = "The database must take Entra tokens."
  }

  assert {
    condition     = !azurerm_postgresql_flexible_server.this.authentication[0].password_auth_enabled
    error_message = "The database must take no passwords unless asked for."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.authentication[0].tenant_id == "00000000-0000-0000-0000-00000000000a"
    error_message = "Only tokens of our own tenant open the database."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.version == "18"
    error_message = "The database must be of the current version unless asked for."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.auto_grow_enabled
    error_message = "A full disk stops the database: it must grow."
  }

  assert {
    condition     = length(azurerm_postgresql_flexible_server.this.cluster) == 0 && length(azurerm_postgresql_flexible_server_database.rates) == 1
    error_message = "One server with one database, unless a cluster is asked for."
  }
}

run "connections_are_encrypted_by_tls_1_2_at_least" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.this["require_secure_transport"].value == "on"
    error_message = "The database must refuse connections without TLS."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.this["ssl_min_protocol_version"].value == "TLSv1.2"
    error_message = "The database must refuse TLS before 1.2."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.this["connection_throttle.enable"].value == "on"
    error_message = "Repeated failures to log in must be slowed down."
  }
}

run "everything_anybody_does_is_audited" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.extensions.name == "azure.extensions" && azurerm_postgresql_flexible_server_configuration.extensions.value == "PGAUDIT"
    error_message = "pgaudit must be allowed, and no other extension."
  }

  assert {
    condition     = contains(split(",", azurerm_postgresql_flexible_server_configuration.libraries.value), "pgaudit") && azurerm_postgresql_flexible_server_configuration.libraries.name == "shared_preload_libraries"
    error_message = "pgaudit must be loaded with the server."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.this["pgaudit.log"].value == "WRITE,DDL,ROLE"
    error_message = "Every change must be audited."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.this["pgaudit.role"].value == "rates_reader"
    error_message = "Every read of what rates_reader may read must be audited."
  }

  assert {
    condition = alltrue([for setting, value in {
      "pgaudit.log_catalog"        = "off"
      "pgaudit.log_client"         = "off"
      "pgaudit.log_parameter"      = "off"
      "pgaudit.log_relation"       = "on"
      "pgaudit.log_statement_once" = "off"
    } : azurerm_postgresql_flexible_server_configuration.this[setting].value == value])
    error_message = "Audit records must name the relation, and hold neither parameters nor noise."
  }

  assert {
    condition     = alltrue([for setting in ["log_connections", "log_disconnections", "log_checkpoints"] : azurerm_postgresql_flexible_server_configuration.this[setting].value == "on"])
    error_message = "Connections and checkpoints must be logged."
  }

  assert {
    condition     = strcontains(azurerm_postgresql_flexible_server_configuration.this["log_line_prefix"].value, "user=%u,db=%d,session=%c,sess_time=%s")
    error_message = "Log lines must hold the session, which joins audit records to persons."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.this["log_statement"].value == "none"
    error_message = "log_statement writes passwords in clear; pgaudit does not."
  }
}

run "passwords_can_be_taken_beside_tokens" {
  command = plan

  variables {
    database_password_login         = true
    database_administrator_password = "not-a-real-password-but-long"
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.authentication[0].password_auth_enabled && azurerm_postgresql_flexible_server.this.authentication[0].active_directory_auth_enabled
    error_message = "database_password_login must add passwords and keep tokens."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.administrator_password == null && azurerm_postgresql_flexible_server.this.administrator_password_wo == null && azurerm_postgresql_flexible_server.this.administrator_password_wo_version == 1
    error_message = "The administrator's password must be written only, so that no state holds it."
  }

  assert {
    condition     = [for s in azurerm_container_app.rates[0].secret : s.key_vault_secret_id] == ["https://vault.vault.azure.net/secrets/database-url"]
    error_message = "The service must take its DATABASE_URL from the key vault, whatever version is newest."
  }

  assert {
    condition     = alltrue([for s in azurerm_container_app.rates[0].secret : s.value == null || s.value == ""])
    error_message = "No secret's value may be in the state."
  }

  assert {
    condition     = [for e in azurerm_container_app.rates[0].template[0].container[0].env : e.secret_name if e.name == "DATABASE_URL"] == ["database-url"]
    error_message = "DATABASE_URL must come from the secret."
  }

  assert {
    condition     = azurerm_role_assignment.service_reads_secrets[0].role_definition_name == "Key Vault Secrets User"
    error_message = "The service must be able to read the secret, and not to write it."
  }
}

run "an_elastic_cluster_can_be_chosen" {
  command = plan

  variables {
    database_cluster_size = 3
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.cluster[0].size == 3 && azurerm_postgresql_flexible_server.this.cluster[0].default_database_name == "rates"
    error_message = "database_cluster_size must make a cluster of that size, with the database rates."
  }

  assert {
    condition     = length(azurerm_postgresql_flexible_server_database.rates) == 0
    error_message = "A cluster comes with its database and takes no second one."
  }
}
