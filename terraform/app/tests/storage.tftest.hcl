# The storage of a server grows by itself, which a later plan must accept: back to the
# size it began with would mean another server.
mock_provider "azurerm" {
  source = "./tests/mocks"
}

variables {
  environment            = "dev"
  address_space          = "10.20.0.0/22"
  database_read_replicas = 1

  # Unused, but an apply of a test needs a value for what is ephemeral.
  database_administrator_password = "not-a-real-password-but-long"
}

run "a_server_begins_with_its_storage" {
  variables {
    database_storage_mb = 131072 # in place of growing, which a mock does not
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.storage_mb == 131072 && azurerm_postgresql_flexible_server.replica[0].storage_mb == 131072
    error_message = "The servers must begin with database_storage_mb."
  }
}

run "storage_that_has_grown_stays" {
  command = plan

  variables {
    database_storage_mb = 65536
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.this.storage_mb == 131072 && azurerm_postgresql_flexible_server.replica[0].storage_mb == 131072
    error_message = "A plan must leave storage that has grown as it is."
  }
}
