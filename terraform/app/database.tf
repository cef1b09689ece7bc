resource "azurerm_postgresql_flexible_server" "this" {
  name                = "psql-${local.name}-${var.name_suffix}"
  resource_group_name = local.group
  location            = local.location
  tags                = local.tags

  version           = var.database_version
  sku_name          = var.database_sku
  storage_mb        = var.database_storage_mb
  auto_grow_enabled = true

  backup_retention_days        = var.database_backup_days
  geo_redundant_backup_enabled = var.database_geo_redundant_backup

  delegated_subnet_id           = azurerm_subnet.database.id
  private_dns_zone_id           = azurerm_private_dns_zone.this["database"].id
  public_network_access_enabled = false

  # The password is write-only: it never enters the state.
  administrator_login               = var.database_password_login ? "rates_server_admin" : null
  administrator_password_wo         = var.database_password_login ? var.database_administrator_password : null
  administrator_password_wo_version = var.database_password_login ? var.database_administrator_password_version : null

  authentication {
    active_directory_auth_enabled = true
    password_auth_enabled         = var.database_password_login
    tenant_id                     = local.tenant_id
  }

  dynamic "high_availability" {
    for_each = var.database_high_availability[*]

    content {
      mode = high_availability.value
    }
  }

  dynamic "cluster" {
    for_each = var.database_cluster_size[*]

    content {
      size                  = cluster.value
      default_database_name = local.database
    }
  }

  # Sunday night in Europe and America.
  maintenance_window {
    day_of_week  = 0
    start_hour   = 3
    start_minute = 0
  }

  lifecycle {
    # Azure chooses the zones and swaps them on failover, and its storage grows: back to
    # the initial size would mean another server.
    ignore_changes = [zone, high_availability[0].standby_availability_zone, storage_mb]
  }

  depends_on = [azurerm_private_dns_zone_virtual_network_link.this]
}

locals {
  database = "rates"
}

# An elastic cluster creates its only database itself.
resource "azurerm_postgresql_flexible_server_database" "rates" {
  count = var.database_cluster_size == null ? 1 : 0

  name      = local.database
  server_id = azurerm_postgresql_flexible_server.this.id
  charset   = "UTF8"
  collation = "en_US.utf8"
}

# Creates the other logins; see principals/principals.sql.
resource "azurerm_postgresql_flexible_server_active_directory_administrator" "principals" {
  server_name         = azurerm_postgresql_flexible_server.this.name
  resource_group_name = local.group
  tenant_id           = local.tenant_id
  object_id           = azurerm_user_assigned_identity.this["principals"].principal_id
  principal_name      = azurerm_user_assigned_identity.this["principals"].name
  principal_type      = "ServicePrincipal"
}

resource "azurerm_postgresql_flexible_server_active_directory_administrator" "people" {
  server_name         = azurerm_postgresql_flexible_server.this.name
  resource_group_name = local.group
  tenant_id           = local.tenant_id
  object_id           = var.database_groups.administrators.object_id
  principal_name      = var.database_groups.administrators.name
  principal_type      = "Group"

  # Azure accepts one change of administrators at a time.
  depends_on = [azurerm_postgresql_flexible_server_active_directory_administrator.principals]
}
