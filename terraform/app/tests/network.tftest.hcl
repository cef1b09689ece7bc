# Only the service can have a public address, and only if asked for; each subnet
# admits only the traffic it needs.
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

run "nothing_is_public_by_default" {
  command = plan

  assert {
    condition     = azurerm_container_app_environment.this.internal_load_balancer_enabled && azurerm_container_app_environment.this.public_network_access == "Disabled"
    error_message = "Without public_ingress the container environment must have no public address."
  }

  assert {
    condition     = azurerm_private_dns_a_record.apps[0].records == toset([azurerm_container_app_environment.this.static_ip_address])
    error_message = "Without public_ingress the service's name must resolve to its private address."
  }

  assert {
    condition     = one([for r in azurerm_network_security_group.this["apps"].security_rule : r.source_address_prefix if r.name == "requests"]) == "VirtualNetwork"
    error_message = "Without public_ingress requests may come from the network only."
  }

  assert {
    condition     = length(azurerm_application_insights_standard_web_test.readyz) == 0
    error_message = "A service without a public address must have no probes from outside."
  }
}

run "public_ingress_opens_the_service_and_nothing_else" {
  command = plan

  variables {
    public_ingress = true
  }

  assert {
    condition     = !azurerm_container_app_environment.this.internal_load_balancer_enabled && azurerm_container_app_environment.this.public_network_access == "Enabled"
    error_message = "public_ingress must give the container environment a public address."
  }

  assert {
    condition     = !azurerm_postgresql_flexible_server.this.public_network_access_enabled
    error_message = "The database must never have a public address."
  }

  assert {
    condition     = !azurerm_container_registry.this.public_network_access_enabled
    error_message = "The registry must never have a public address."
  }

  assert {
    condition     = !azurerm_key_vault.this.public_network_access_enabled && azurerm_key_vault.this.network_acls[0].default_action == "Deny"
    error_message = "The key vault must never have a public address."
  }

  assert {
    condition = alltrue(flatten([
      for group in azurerm_network_security_group.this : [
        for r in group.security_rule : r.name == "requests" || !contains(["*", "Internet", "0.0.0.0/0"], r.source_address_prefix) if r.direction == "Inbound" && r.access == "Allow"
      ]
    ]))
    error_message = "Only requests to the service may come from the internet."
  }

  assert {
    condition     = one([for r in azurerm_network_security_group.this["apps"].security_rule : join(",", sort(r.destination_port_ranges)) if r.name == "requests"]) == "31443,443"
    error_message = "Requests must come by TLS only."
  }

  assert {
    condition     = length(azurerm_private_dns_zone.apps) == 0
    error_message = "A public service must have no private name."
  }
}

run "every_subnet_refuses_other_traffic" {
  command = plan

  assert {
    condition = alltrue([
      for group in azurerm_network_security_group.this :
      length([for r in group.security_rule : r if r.direction == "Inbound" && r.access == "Deny" && r.priority == 4096 && r.source_address_prefix == "*" && r.destination_port_range == "*"]) == 1
    ])
    error_message = "Every network security group must end with a rule that denies everything."
  }

  assert {
    condition     = length([for r in azurerm_network_security_group.this["apps"].security_rule : r if r.direction == "Outbound" && r.access == "Deny" && r.priority == 4096]) == 1
    error_message = "The apps must have outbound rules for exactly what they need."
  }

  assert {
    condition = alltrue([
      for r in azurerm_network_security_group.this["apps"].security_rule :
      contains(["10.20.0.0/23", "10.20.2.0/24", "10.20.3.0/24", "168.63.129.16", "AzureActiveDirectory", "AzureMonitor", "MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty"], r.destination_address_prefix)
      if r.direction == "Outbound" && r.access == "Allow"
    ])
    error_message = "The apps may reach only the network and Azure's own services."
  }

  assert {
    condition = toset([
      for r in azurerm_network_security_group.this["database"].security_rule : "${r.source_address_prefix}:${r.destination_port_range}" if r.direction == "Inbound" && r.access == "Allow"
    ]) == toset(["10.20.0.0/23:5432", "10.20.2.0/24:*"])
    error_message = "Only the apps and the standby may reach the database."
  }

  assert {
    condition = toset([
      for r in azurerm_network_security_group.this["endpoints"].security_rule : "${r.source_address_prefix}:${r.destination_port_range}" if r.direction == "Inbound" && r.access == "Allow"
    ]) == toset(["10.20.0.0/23:443"])
    error_message = "Only the apps may reach the private endpoints."
  }

  assert {
    condition = alltrue([
      azurerm_subnet_network_security_group_association.apps.network_security_group_id == azurerm_network_security_group.this["apps"].id,
      azurerm_subnet_network_security_group_association.database.network_security_group_id == azurerm_network_security_group.this["database"].id,
      azurerm_subnet_network_security_group_association.endpoints.network_security_group_id == azurerm_network_security_group.this["endpoints"].id,
    ])
    error_message = "Every subnet must have its network security group."
  }
}

run "people_reach_the_database_from_named_networks" {
  command = plan

  variables {
    database_reachable_from = ["10.8.0.0/24", "10.9.0.0/24"]
  }

  assert {
    condition = one([
      for r in azurerm_network_security_group.this["database"].security_rule : join(" ", sort(r.source_address_prefixes)) if r.name == "people"
    ]) == "10.8.0.0/24 10.9.0.0/24"
    error_message = "database_reachable_from must open the database's port to exactly its ranges."
  }

  assert {
    condition = one([
      for r in azurerm_network_security_group.this["database"].security_rule : r.destination_port_range if r.name == "people"
    ]) == "5432"
    error_message = "People may reach only the database's port."
  }
}

run "subnets_are_delegated_and_do_not_overlap" {
  command = plan

  assert {
    condition     = azurerm_subnet.apps.delegation[0].service_delegation[0].name == "Microsoft.App/environments"
    error_message = "The subnet of the apps must be delegated to Container Apps."
  }

  assert {
    condition     = azurerm_subnet.database.delegation[0].service_delegation[0].name == "Microsoft.DBforPostgreSQL/flexibleServers"
    error_message = "The subnet of the database must be delegated to PostgreSQL."
  }

  assert {
    condition     = toset(concat(azurerm_subnet.apps.address_prefixes, azurerm_subnet.database.address_prefixes, azurerm_subnet.endpoints.address_prefixes)) == toset(["10.20.0.0/23", "10.20.2.0/24", "10.20.3.0/24"])
    error_message = "The subnets must share the network without overlapping."
  }

  assert {
    condition     = azurerm_subnet.endpoints.private_endpoint_network_policies == "NetworkSecurityGroupEnabled"
    error_message = "The subnet must apply its network security group to private endpoints."
  }

  assert {
    condition     = !azurerm_subnet.endpoints.default_outbound_access_enabled
    error_message = "The subnet of the endpoints must not have Azure's default outbound access; the delegated ones never have it."
  }
}

run "names_of_private_addresses_are_linked_to_the_network" {
  command = plan

  assert {
    condition     = toset([for z in azurerm_private_dns_zone.this : z.name]) == toset(["rates-dev.private.postgres.database.azure.com", "privatelink.azurecr.io", "privatelink.vaultcore.azure.net"])
    error_message = "Database, registry and key vault must have private DNS zones."
  }

  assert {
    condition     = alltrue([for l in azurerm_private_dns_zone_virtual_network_link.this : l.virtual_network_id == azurerm_virtual_network.this.id]) && length(azurerm_private_dns_zone_virtual_network_link.this) == 3
    error_message = "Every private DNS zone must be linked to the network."
  }
}

run "only_the_given_ranges_may_call_a_restricted_service" {
  command = plan

  variables {
    public_ingress       = true
    ingress_allowed_from = { office = "203.0.113.0/24" }
  }

  assert {
    condition     = [for r in azurerm_container_app.rates[0].ingress[0].ip_security_restriction : "${r.action} ${r.ip_address_range}"] == ["Allow 203.0.113.0/24"]
    error_message = "The ingress must admit exactly ingress_allowed_from."
  }
}
