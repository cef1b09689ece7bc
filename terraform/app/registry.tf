# Only the Premium tier works without a public address. Images arrive by
# `az acr import`, which Azure itself performs. Give each import its own tag: an
# image without a tag is removed after 30 days, even if it is running.
resource "azurerm_container_registry" "this" {
  name                = "crrates${var.environment}${var.name_suffix}"
  resource_group_name = local.group
  location            = local.location
  tags                = local.tags

  sku                           = "Premium"
  admin_enabled                 = false
  anonymous_pull_enabled        = false
  public_network_access_enabled = false
  export_policy_enabled         = false
  network_rule_bypass_option    = "AzureServices"
  data_endpoint_enabled         = true
  zone_redundancy_enabled       = var.zone_redundant
  retention_policy_in_days      = 30
}

resource "azurerm_private_endpoint" "registry" {
  name                = "pe-${local.name}-registry"
  resource_group_name = local.group
  location            = local.location
  subnet_id           = azurerm_subnet.endpoints.id
  tags                = local.tags

  private_service_connection {
    name                           = "registry"
    private_connection_resource_id = azurerm_container_registry.this.id
    subresource_names              = ["registry"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "registry"
    private_dns_zone_ids = [azurerm_private_dns_zone.this["registry"].id]
  }
}
