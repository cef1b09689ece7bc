# Stand-ins for Azure's answers, with ids of the right shape.
mock_data "azurerm_client_config" {
  defaults = {
    tenant_id       = "00000000-0000-0000-0000-00000000000a"
    subscription_id = "00000000-0000-0000-0000-000000000001"
  }
}

mock_data "azurerm_role_definition" {
  defaults = {
    role_definition_id = "00000000-0000-0000-0000-0000000000f1"
  }
}

mock_resource "azurerm_resource_group" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test"
  }
}

mock_resource "azurerm_storage_account" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Storage/storageAccounts/stratesstateacme1"
  }
}

mock_resource "azurerm_storage_container" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Storage/storageAccounts/stratesstateacme1/blobServices/default/containers/container"
  }
}

mock_resource "azurerm_user_assigned_identity" {
  defaults = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/identity"
    client_id    = "00000000-0000-0000-0000-0000000000c1"
    principal_id = "00000000-0000-0000-0000-0000000000b1"
  }
}

mock_resource "azurerm_role_definition" {
  defaults = {
    role_definition_id          = "00000000-0000-0000-0000-0000000000f2"
    role_definition_resource_id = "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/roleDefinitions/00000000-0000-0000-0000-0000000000f2"
  }
}

mock_resource "azurerm_log_analytics_workspace" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.OperationalInsights/workspaces/workspace"
  }
}
