data "azurerm_client_config" "current" {}

locals {
  subscription = "/subscriptions/${data.azurerm_client_config.current.subscription_id}"

  tags = {
    application = "rates"
    managed_by  = "terraform/bootstrap"
    owner       = var.owner
  }

  # All that terraform/app uses. The identities that apply it may not register
  # any.
  resource_providers = [
    "Microsoft.AlertsManagement",
    "Microsoft.App",
    "Microsoft.Consumption",
    "Microsoft.ContainerRegistry",
    "Microsoft.DBforPostgreSQL",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
    "Microsoft.Storage",
  ]
}
