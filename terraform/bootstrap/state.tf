resource "azurerm_storage_account" "state" {
  name                = "stratesstate${var.name_suffix}"
  resource_group_name = azurerm_resource_group.platform.name
  location            = azurerm_resource_group.platform.location
  tags                = local.tags

  account_tier             = "Standard"
  account_replication_type = "GZRS"

  # Entra only: no keys, no local users, no anonymous access.
  shared_access_key_enabled         = false
  default_to_oauth_authentication   = true
  local_user_enabled                = false
  allow_nested_items_to_be_public   = false
  cross_tenant_replication_enabled  = false
  allowed_copy_scope                = "AAD"
  https_traffic_only_enabled        = true
  min_tls_version                   = "TLS1_2"
  infrastructure_encryption_enabled = true
  public_network_access_enabled     = length(var.state_reachable_from) > 0

  network_rules {
    default_action = "Deny"
    bypass         = ["AzureServices"]
    ip_rules       = var.state_reachable_from
  }

  # An overwritten or deleted state can be restored for this long.
  blob_properties {
    versioning_enabled  = true
    change_feed_enabled = true

    delete_retention_policy {
      days = 30
    }

    container_delete_retention_policy {
      days = 30
    }
  }

  sas_policy {
    expiration_period = "00.01:00:00"
    expiration_action = "Block"
  }
}

# One container for each environment, so that the identities of dev cannot read
# the state of prod.
resource "azurerm_storage_container" "state" {
  for_each = setunion(["bootstrap"], keys(var.environments))

  name                  = each.key
  storage_account_id    = azurerm_storage_account.state.id
  container_access_type = "private"
}

resource "azurerm_private_endpoint" "state" {
  count = var.runners_subnet_id == null ? 0 : 1

  name                = "pe-rates-state"
  resource_group_name = azurerm_resource_group.platform.name
  location            = azurerm_resource_group.platform.location
  subnet_id           = var.runners_subnet_id
  tags                = local.tags

  private_service_connection {
    name                           = "state"
    private_connection_resource_id = azurerm_storage_account.state.id
    subresource_names              = ["blob"]
    is_manual_connection           = false
  }

  # The network of the runners has its own DNS zone; its owner links it.
  lifecycle {
    ignore_changes = [private_dns_zone_group]
  }
}
