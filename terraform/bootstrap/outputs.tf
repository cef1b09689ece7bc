output "backend" {
  description = "Backend settings of this root, for terraform init -backend-config."
  value = templatefile("${path.module}/backend.tftpl", {
    resource_group  = azurerm_resource_group.platform.name
    storage_account = azurerm_storage_account.state.name
    container       = azurerm_storage_container.state["bootstrap"].name
    key             = "bootstrap.tfstate"
  })
}

output "app_backends" {
  description = "Backend settings of terraform/app, by environment."
  value = { for environment in keys(var.environments) : environment => templatefile("${path.module}/backend.tftpl", {
    resource_group  = azurerm_resource_group.platform.name
    storage_account = azurerm_storage_account.state.name
    container       = azurerm_storage_container.state[environment].name
    key             = "app.tfstate"
  }) }
}

output "resource_groups" {
  description = "Resource group of each environment: resource_group_name of terraform/app."
  value       = { for environment, group in azurerm_resource_group.environment : environment => group.name }
}

output "github_environments" {
  description = "GitHub environments to create, and the value of AZURE_CLIENT_ID in each. The ids are not secret."
  value       = { for name, identity in local.identities : identity.github_environment => azurerm_user_assigned_identity.deploy[name].client_id }
}

output "tenant_id" {
  description = "Value of AZURE_TENANT_ID in GitHub."
  value       = data.azurerm_client_config.current.tenant_id
}

output "subscription_id" {
  description = "Value of AZURE_SUBSCRIPTION_ID in GitHub."
  value       = data.azurerm_client_config.current.subscription_id
}

output "resource_providers" {
  description = "Resource providers that were registered in the subscription."
  value       = local.resource_providers
}
