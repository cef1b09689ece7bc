# The storage of the states: closed to everything but Entra identities from given
# addresses.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

run "the_state_accepts_only_entra" {
  command = plan

  assert {
    condition     = !azurerm_storage_account.state.shared_access_key_enabled && azurerm_storage_account.state.default_to_oauth_authentication
    error_message = "The state must accept no shared key."
  }

  assert {
    condition     = !azurerm_storage_account.state.local_user_enabled && !azurerm_storage_account.state.allow_nested_items_to_be_public
    error_message = "The state must be inaccessible without an Entra identity."
  }

  assert {
    condition     = alltrue([for c in azurerm_storage_container.state : c.container_access_type == "private"])
    error_message = "The containers of the states must be private."
  }

  assert {
    condition     = azurerm_storage_account.state.min_tls_version == "TLS1_2" && azurerm_storage_account.state.https_traffic_only_enabled
    error_message = "The state must be sent over at least TLS 1.2."
  }

  assert {
    condition     = azurerm_storage_account.state.sas_policy[0].expiration_action == "Block" && !azurerm_storage_account.state.cross_tenant_replication_enabled
    error_message = "Signed links to the state must expire soon, and no copy may leave the tenant."
  }
}

run "the_state_can_be_restored" {
  command = plan

  assert {
    condition     = azurerm_storage_account.state.blob_properties[0].versioning_enabled
    error_message = "Every version of a state must be kept."
  }

  assert {
    condition     = azurerm_storage_account.state.blob_properties[0].delete_retention_policy[0].days >= 30 && azurerm_storage_account.state.blob_properties[0].container_delete_retention_policy[0].days >= 30
    error_message = "A deleted state must be kept for 30 days."
  }

  assert {
    condition     = azurerm_storage_account.state.account_replication_type == "GZRS" && azurerm_storage_account.state.infrastructure_encryption_enabled
    error_message = "The state must survive the loss of a zone and of a region, encrypted twice."
  }

  assert {
    condition     = azurerm_management_lock.state[0].lock_level == "CanNotDelete" && azurerm_management_lock.state[0].scope == azurerm_storage_account.state.id
    error_message = "The state must be locked against removal."
  }
}

run "the_lock_of_the_state_can_be_lifted" {
  command = plan

  variables {
    locked = false
  }

  assert {
    condition     = length(azurerm_management_lock.state) == 0
    error_message = "locked = false must lift the lock, or nothing could be removed."
  }
}

run "the_state_is_behind_a_firewall" {
  command = plan

  assert {
    condition     = azurerm_storage_account.state.network_rules[0].default_action == "Deny" && azurerm_storage_account.state.network_rules[0].ip_rules == toset(["203.0.113.7"])
    error_message = "Only the addresses in state_reachable_from may reach the state."
  }

  assert {
    condition     = length(azurerm_private_endpoint.state) == 0
    error_message = "Without runners_subnet_id there must be no private endpoint."
  }
}

run "runners_reach_the_state_too" {
  command = plan

  variables {
    runners_subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-runners/providers/Microsoft.Network/virtualNetworks/vnet/subnets/runners"
  }

  assert {
    condition     = length(azurerm_private_endpoint.state) == 1 && azurerm_storage_account.state.network_rules[0].default_action == "Deny"
    error_message = "Runners must get a private endpoint, and the firewall must stay closed."
  }
}

run "the_state_can_be_entirely_private" {
  command = plan

  variables {
    state_reachable_from = []
    runners_subnet_id    = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-runners/providers/Microsoft.Network/virtualNetworks/vnet/subnets/runners"
  }

  assert {
    condition     = !azurerm_storage_account.state.public_network_access_enabled
    error_message = "With only runners_subnet_id the state must have no public address."
  }

  assert {
    condition     = azurerm_private_endpoint.state[0].subnet_id == var.runners_subnet_id
    error_message = "The state must have an address in the subnet of the runners."
  }
}

run "each_root_and_environment_has_its_own_state" {
  command = plan

  assert {
    condition     = toset(keys(azurerm_storage_container.state)) == toset(["bootstrap", "dev", "prod"])
    error_message = "bootstrap, dev and prod must each have a container."
  }

  assert {
    condition     = strcontains(output.backend, "container_name       = \"bootstrap\"") && strcontains(output.app_backends["prod"], "container_name       = \"prod\"")
    error_message = "The backend settings must name the container of their own environment."
  }

  assert {
    condition     = alltrue([for settings in concat([output.backend], values(output.app_backends)) : strcontains(settings, "use_azuread_auth     = true") && !strcontains(settings, "key\" =")])
    error_message = "The backend must use an Entra identity."
  }
}
