# Stand-ins for Azure's answers, with ids of the right shape.
mock_data "azurerm_client_config" {
  defaults = {
    tenant_id       = "00000000-0000-0000-0000-00000000000a"
    subscription_id = "00000000-0000-0000-0000-000000000001"
  }
}

mock_data "azurerm_resource_group" {
  defaults = {
    location = "westeurope"
  }
}

mock_resource "azurerm_virtual_network" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Network/virtualNetworks/vnet"
  }
}

mock_resource "azurerm_subnet" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Network/virtualNetworks/vnet/subnets/subnet"
  }
}

mock_resource "azurerm_network_security_group" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Network/networkSecurityGroups/nsg"
  }
}

mock_resource "azurerm_private_dns_zone" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Network/privateDnsZones/zone.postgres.database.azure.com"
  }
}

mock_resource "azurerm_private_endpoint" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Network/privateEndpoints/endpoint"
  }
}

mock_resource "azurerm_user_assigned_identity" {
  defaults = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/identity"
    client_id    = "00000000-0000-0000-0000-0000000000c1"
    principal_id = "00000000-0000-0000-0000-0000000000b1"
    tenant_id    = "00000000-0000-0000-0000-00000000000a"
  }
}

mock_resource "azurerm_container_registry" {
  defaults = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ContainerRegistry/registries/registry"
    login_server = "registry.azurecr.io"
  }
}

mock_resource "azurerm_key_vault" {
  defaults = {
    id        = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.KeyVault/vaults/vault"
    vault_uri = "https://vault.vault.azure.net/"
  }
}

mock_resource "azurerm_postgresql_flexible_server" {
  defaults = {
    id   = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.DBforPostgreSQL/flexibleServers/server"
    fqdn = "server.postgres.database.azure.com"
  }
}

mock_resource "azurerm_postgresql_flexible_server_database" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.DBforPostgreSQL/flexibleServers/server/databases/rates"
  }
}

mock_resource "azurerm_container_app_environment" {
  defaults = {
    id                = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.App/managedEnvironments/environment"
    default_domain    = "happyfield-00000000.westeurope.azurecontainerapps.io"
    static_ip_address = "10.20.0.100"
  }
}

mock_resource "azurerm_container_app" {
  defaults = {
    id                   = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.App/containerApps/app"
    latest_revision_name = "app--0000001"
  }
}

mock_resource "azurerm_container_app_job" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.App/jobs/job"
  }
}

mock_resource "azurerm_log_analytics_workspace" {
  defaults = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.OperationalInsights/workspaces/workspace"
    workspace_id = "00000000-0000-0000-0000-0000000000d1"
  }
}

mock_resource "azurerm_application_insights" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Insights/components/insights"
  }
}

mock_resource "azurerm_application_insights_standard_web_test" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Insights/webTests/test"
  }
}

mock_resource "azurerm_monitor_action_group" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Insights/actionGroups/group"
  }
}
