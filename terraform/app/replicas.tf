# Read replicas: servers that follow the primary, asynchronously, in its subnet. They
# have its logins, and take over its parameters when they are created. Azure backs
# none of them up, and gives them no standby.
locals {
  replica_ids = { for n, replica in azurerm_postgresql_flexible_server.replica : "replica-${n + 1}" => replica.id }
}

resource "azurerm_postgresql_flexible_server" "replica" {
  count = var.database_read_replicas

  name                = "${azurerm_postgresql_flexible_server.this.name}-replica-${count.index + 1}"
  resource_group_name = local.group
  location            = local.location
  tags                = local.tags

  create_mode      = "Replica"
  source_server_id = azurerm_postgresql_flexible_server.this.id

  # Not smaller than the primary, whose storage may have grown.
  sku_name          = var.database_sku
  storage_mb        = azurerm_postgresql_flexible_server.this.storage_mb
  auto_grow_enabled = true

  delegated_subnet_id           = azurerm_subnet.database.id
  private_dns_zone_id           = azurerm_private_dns_zone.this["database"].id
  public_network_access_enabled = false

  authentication {
    active_directory_auth_enabled = true
    password_auth_enabled         = var.database_password_login
    tenant_id                     = local.tenant_id
  }

  # An hour after the primary.
  maintenance_window {
    day_of_week  = 0
    start_hour   = 4
    start_minute = 0
  }

  lifecycle {
    ignore_changes = [zone, storage_mb]
  }

  # While one is created the primary takes no changes, and later ones do not reach it.
  depends_on = [
    azurerm_postgresql_flexible_server_active_directory_administrator.people,
    azurerm_postgresql_flexible_server_configuration.this,
    azurerm_postgresql_flexible_server_database.rates,
  ]
}
