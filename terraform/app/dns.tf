# Names that resolve to private addresses within the network only.
locals {
  private_zones = {
    database = "${local.name}.private.postgres.database.azure.com"
    registry = "privatelink.azurecr.io"
    vault    = "privatelink.vaultcore.azure.net"
  }
}

resource "azurerm_private_dns_zone" "this" {
  for_each = local.private_zones

  name                = each.value
  resource_group_name = local.group
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "this" {
  for_each = local.private_zones

  name                = each.key
  private_dns_zone_id = azurerm_private_dns_zone.this[each.key].id
  virtual_network_id  = azurerm_virtual_network.this.id
  tags                = local.tags
}

# Without public ingress the service's name is private too.
resource "azurerm_private_dns_zone" "apps" {
  count = var.public_ingress ? 0 : 1

  name                = azurerm_container_app_environment.this.default_domain
  resource_group_name = local.group
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "apps" {
  count = var.public_ingress ? 0 : 1

  name                = "apps"
  private_dns_zone_id = azurerm_private_dns_zone.apps[0].id
  virtual_network_id  = azurerm_virtual_network.this.id
  tags                = local.tags
}

resource "azurerm_private_dns_a_record" "apps" {
  count = var.public_ingress ? 0 : 1

  name                = "*"
  private_dns_zone_id = azurerm_private_dns_zone.apps[0].id
  ttl                 = 300
  records             = [azurerm_container_app_environment.this.static_ip_address]
  tags                = local.tags
}
