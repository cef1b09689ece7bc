# The stores of images and secrets: private, without shared passwords, protected
# against loss.
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

run "the_registry_is_private_and_has_no_password" {
  command = plan

  assert {
    condition     = !azurerm_container_registry.this.admin_enabled && !azurerm_container_registry.this.anonymous_pull_enabled
    error_message = "The registry must accept only Entra identities."
  }

  assert {
    condition     = azurerm_container_registry.this.sku == "Premium" && !azurerm_container_registry.this.public_network_access_enabled && !azurerm_container_registry.this.export_policy_enabled
    error_message = "The registry must be private and not export its images."
  }

  assert {
    condition     = azurerm_container_registry.this.network_rule_bypass_option == "AzureServices"
    error_message = "The registry must admit Azure's own services, which az acr import needs."
  }

  assert {
    condition     = azurerm_container_registry.this.retention_policy_in_days >= 7
    error_message = "Images without a tag must be kept for 30 days, for a rollback."
  }

  assert {
    condition     = azurerm_private_endpoint.registry.subnet_id == azurerm_subnet.endpoints.id && [for c in azurerm_private_endpoint.registry.private_service_connection[0].subresource_names : c] == ["registry"]
    error_message = "The registry must have a private endpoint."
  }
}

run "the_key_vault_is_private_and_cannot_be_purged" {
  command = plan

  assert {
    condition     = azurerm_key_vault.this.rbac_authorization_enabled && length(azurerm_key_vault.this.access_policy) == 0
    error_message = "Only roles may give access to secrets."
  }

  assert {
    condition     = azurerm_key_vault.this.purge_protection_enabled && azurerm_key_vault.this.soft_delete_retention_days == 90
    error_message = "A deleted secret must be kept for 90 days."
  }

  assert {
    condition     = azurerm_private_endpoint.vault.subnet_id == azurerm_subnet.endpoints.id && [for c in azurerm_private_endpoint.vault.private_service_connection[0].subresource_names : c] == ["vault"]
    error_message = "The key vault must have a private endpoint."
  }
}

run "resources_with_data_are_locked" {
  command = plan

  assert {
    condition     = toset(keys(azurerm_management_lock.this)) == toset(["database", "registry", "vault", "workspace"])
    error_message = "Database, registry, key vault and logs must be locked by default."
  }

  assert {
    condition     = alltrue([for l in azurerm_management_lock.this : l.lock_level == "CanNotDelete"])
    error_message = "The locks must forbid removal and allow changes."
  }
}

run "everything_is_tagged" {
  command = plan

  assert {
    condition = alltrue([for r in [
      azurerm_virtual_network.this, azurerm_postgresql_flexible_server.this, azurerm_container_registry.this, azurerm_key_vault.this,
      azurerm_container_app_environment.this, azurerm_container_app_job.migrate[0], azurerm_log_analytics_workspace.this, azurerm_monitor_action_group.this,
      azurerm_private_endpoint.registry, azurerm_private_endpoint.vault,
    ] : r.tags == tomap({ application = "rates", environment = "dev", managed_by = "terraform/app", owner = "platform@example.com" })])
    error_message = "Every resource must have tags for application, environment and owner."
  }
}
