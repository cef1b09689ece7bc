# Each subnet admits only the traffic it needs, and the apps reach nothing but
# Azure's own services. The needs of Container Apps and PostgreSQL are from
# learn.microsoft.com/azure/container-apps/firewall-integration and
# learn.microsoft.com/azure/postgresql/network/concepts-networking-private.
locals {
  apps      = azurerm_subnet.apps.address_prefixes[0]
  data      = azurerm_subnet.database.address_prefixes[0]
  endpoints = azurerm_subnet.endpoints.address_prefixes[0]
  azure_dns = "168.63.129.16"

  nothing_else_in  = { priority = 4096, direction = "Inbound", access = "Deny", protocol = "*", from = ["*"], to = "*", ports = ["*"] }
  nothing_else_out = { priority = 4096, direction = "Outbound", access = "Deny", protocol = "*", from = ["*"], to = "*", ports = ["*"] }

  firewall = {
    apps = merge(
      {
        # The environment's proxy listens on 31443 behind its load balancer.
        requests        = { priority = 100, direction = "Inbound", access = "Allow", protocol = "Tcp", from = [var.public_ingress ? "Internet" : "VirtualNetwork"], to = local.apps, ports = ["443", "31443"] }
        balancer        = { priority = 110, direction = "Inbound", access = "Allow", protocol = "Tcp", from = ["AzureLoadBalancer"], to = local.apps, ports = ["30000-32767"] }
        inside          = { priority = 120, direction = "Inbound", access = "Allow", protocol = "*", from = [local.apps], to = local.apps, ports = ["*"] }
        nothing-else-in = local.nothing_else_in

        to-database  = { priority = 100, direction = "Outbound", access = "Allow", protocol = "Tcp", from = [local.apps], to = local.data, ports = ["5432"] }
        to-endpoints = { priority = 110, direction = "Outbound", access = "Allow", protocol = "Tcp", from = [local.apps], to = local.endpoints, ports = ["443"] }
        to-inside    = { priority = 120, direction = "Outbound", access = "Allow", protocol = "*", from = [local.apps], to = local.apps, ports = ["*"] }
        to-names     = { priority = 130, direction = "Outbound", access = "Allow", protocol = "*", from = [local.apps], to = local.azure_dns, ports = ["53"] }

        # Tokens, logs, and the environment's own images through Front Door.
        # These are service tags; Azure maintains their addresses.
        to-tokens        = { priority = 140, direction = "Outbound", access = "Allow", protocol = "Tcp", from = [local.apps], to = "AzureActiveDirectory", ports = ["443"] }
        to-logs          = { priority = 150, direction = "Outbound", access = "Allow", protocol = "Tcp", from = [local.apps], to = "AzureMonitor", ports = ["443"] }
        to-images        = { priority = 160, direction = "Outbound", access = "Allow", protocol = "Tcp", from = [local.apps], to = "MicrosoftContainerRegistry", ports = ["443"] }
        to-images-door   = { priority = 170, direction = "Outbound", access = "Allow", protocol = "Tcp", from = [local.apps], to = "AzureFrontDoor.FirstParty", ports = ["443"] }
        nothing-else-out = local.nothing_else_out
      },
      # The smoke job uses the service's public name.
      var.public_ingress && var.smoke_digest != null ? {
        to-service = { priority = 180, direction = "Outbound", access = "Allow", protocol = "Tcp", from = [local.apps], to = azurerm_container_app_environment.this.static_ip_address, ports = ["443"] }
      } : {},
    )

    database = merge(
      {
        apps = { priority = 100, direction = "Inbound", access = "Allow", protocol = "Tcp", from = [local.apps], to = local.data, ports = ["5432"] }
        # A server and its standby, or the servers of a cluster.
        inside          = { priority = 120, direction = "Inbound", access = "Allow", protocol = "Tcp", from = [local.data], to = local.data, ports = ["*"] }
        nothing-else-in = local.nothing_else_in
      },
      length(var.database_reachable_from) > 0 ? {
        people = { priority = 110, direction = "Inbound", access = "Allow", protocol = "Tcp", from = sort(var.database_reachable_from), to = local.data, ports = ["5432"] }
      } : {},
    )

    endpoints = {
      apps            = { priority = 100, direction = "Inbound", access = "Allow", protocol = "Tcp", from = [local.apps], to = local.endpoints, ports = ["443"] }
      nothing-else-in = local.nothing_else_in
    }
  }
}

resource "azurerm_network_security_group" "this" {
  for_each = local.firewall

  name                = "nsg-${local.name}-${each.key}"
  resource_group_name = local.group
  location            = local.location
  tags                = local.tags

  # Azure has one argument for a single address, range, tag or port, and another
  # for several.
  dynamic "security_rule" {
    for_each = each.value

    content {
      name                       = security_rule.key
      priority                   = security_rule.value.priority
      direction                  = security_rule.value.direction
      access                     = security_rule.value.access
      protocol                   = security_rule.value.protocol
      source_port_range          = "*"
      source_address_prefix      = length(security_rule.value.from) == 1 ? security_rule.value.from[0] : null
      source_address_prefixes    = length(security_rule.value.from) > 1 ? security_rule.value.from : null
      destination_port_range     = length(security_rule.value.ports) == 1 ? security_rule.value.ports[0] : null
      destination_port_ranges    = length(security_rule.value.ports) > 1 ? security_rule.value.ports : null
      destination_address_prefix = security_rule.value.to
    }
  }
}

resource "azurerm_subnet_network_security_group_association" "apps" {
  subnet_id                 = azurerm_subnet.apps.id
  network_security_group_id = azurerm_network_security_group.this["apps"].id
}

resource "azurerm_subnet_network_security_group_association" "database" {
  subnet_id                 = azurerm_subnet.database.id
  network_security_group_id = azurerm_network_security_group.this["database"].id
}

resource "azurerm_subnet_network_security_group_association" "endpoints" {
  subnet_id                 = azurerm_subnet.endpoints.id
  network_security_group_id = azurerm_network_security_group.this["endpoints"].id
}
