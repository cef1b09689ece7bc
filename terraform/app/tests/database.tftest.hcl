# The database is private, accepts only Entra tokens, keeps its backups and audits
# its use.
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

run "the_database_is_private_and_accepts_only_tokens" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server.this.delegated_subnet_id == azurerm_subnet.database.id && !azurerm_postgresql_flexible_server.this.public_network_access_enabled
    error_message = "The database must live in its delegated subnet, without a public address."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.authentication[0].active_directory_auth_enabled
    error_message = "The database must accept Entra tokens."
  }

  assert {
    condition     = !azurerm_postgresql_flexible_server.this.authentication[0].password_auth_enabled
    error_message = "The database must accept no passwords by default."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.authentication[0].tenant_id == "00000000-0000-0000-0000-00000000000a"
    error_message = "The database must accept only tokens of its own tenant."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.version == "18"
    error_message = "The database must have the current version by default."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.auto_grow_enabled
    error_message = "The storage of the database must grow: a full disk stops it."
  }

  assert {
    condition     = length(azurerm_postgresql_flexible_server.this.cluster) == 0 && length(azurerm_postgresql_flexible_server_database.rates) == 1
    error_message = "By default there must be one server with one database."
  }
}

run "connections_use_at_least_tls_1_2" {
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
    error_message = "Repeated failed logins must be throttled."
  }
}

run "every_change_and_every_read_is_audited" {
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
    error_message = "Every read of a table that rates_reader may read must be audited."
  }

  assert {
    condition = alltrue([for setting, value in {
      "pgaudit.log_catalog"        = "off"
      "pgaudit.log_client"         = "off"
      "pgaudit.log_parameter"      = "off"
      "pgaudit.log_relation"       = "on"
      "pgaudit.log_statement_once" = "off"
    } : azurerm_postgresql_flexible_server_configuration.this[setting].value == value])
    error_message = "Audit records must name the relation, without parameters or noise."
  }

  assert {
    condition     = alltrue([for setting in ["log_connections", "log_disconnections", "log_checkpoints"] : azurerm_postgresql_flexible_server_configuration.this[setting].value == "on"])
    error_message = "Connections and checkpoints must be logged."
  }

  assert {
    condition     = strcontains(azurerm_postgresql_flexible_server_configuration.this["log_line_prefix"].value, "user=%u,db=%d,session=%c,sess_time=%s")
    error_message = "Log lines must have the session, which joins audit records to people."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.this["log_statement"].value == "none"
    error_message = "log_statement must be off: it logs passwords, which pgaudit does not."
  }
}

run "passwords_can_be_accepted_besides_tokens" {
  command = plan

  variables {
    database_password_login         = true
    database_administrator_password = "not-a-real-password-but-long"
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.authentication[0].password_auth_enabled && azurerm_postgresql_flexible_server.this.authentication[0].active_directory_auth_enabled
    error_message = "database_password_login must accept passwords and keep accepting tokens."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.administrator_password == null && azurerm_postgresql_flexible_server.this.administrator_password_wo == null && azurerm_postgresql_flexible_server.this.administrator_password_wo_version == 1
    error_message = "The administrator's password must be write-only, so that it never enters the state."
  }

  assert {
    condition     = [for s in azurerm_container_app.rates[0].secret : s.key_vault_secret_id] == ["https://vault.vault.azure.net/secrets/database-url"]
    error_message = "The service must take the newest version of its DATABASE_URL from the key vault."
  }

  assert {
    condition     = one([for e in azurerm_container_app.rates[0].template[0].container[0].env : e.value if e.name == "RATES_DATABASE_LOGIN"]) == "url"
    error_message = "The service must take the password from its DATABASE_URL."
  }

  assert {
    condition     = alltrue([for s in azurerm_container_app.rates[0].secret : s.value == null || s.value == ""])
    error_message = "No secret may be in the state."
  }

  assert {
    condition     = [for e in azurerm_container_app.rates[0].template[0].container[0].env : e.secret_name if e.name == "DATABASE_URL"] == ["database-url"]
    error_message = "DATABASE_URL must come from the secret."
  }

  assert {
    condition     = azurerm_role_assignment.service_reads_secrets[0].role_definition_name == "Key Vault Secrets User"
    error_message = "The service must have the right to read the secret, and none to write it."
  }
}

run "an_elastic_cluster_can_be_chosen" {
  command = plan

  variables {
    database_cluster_size = 3
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.cluster[0].size == 3 && azurerm_postgresql_flexible_server.this.cluster[0].default_database_name == "rates"
    error_message = "database_cluster_size must create a cluster of that size, with the database rates."
  }

  assert {
    condition     = length(azurerm_postgresql_flexible_server_database.rates) == 0
    error_message = "A cluster must have no second database: it creates its own."
  }
}
