resource "azurerm_container_app_environment" "this" {
  name                = "cae-${local.name}"
  resource_group_name = local.group
  location            = local.location
  tags                = local.tags

  infrastructure_subnet_id       = azurerm_subnet.apps.id
  internal_load_balancer_enabled = !var.public_ingress
  public_network_access          = var.public_ingress ? "Enabled" : "Disabled"
  zone_redundancy_enabled        = var.zone_redundant

  # To Log Analytics by the diagnostic setting in logs.tf. The other way,
  # "log-analytics", would hand the environment the workspace's key.
  logs_destination = "azure-monitor"

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }
}
