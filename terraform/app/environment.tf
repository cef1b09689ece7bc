resource "azurerm_container_app_environment" "this" {
  name                = "cae-${local.name}"
  resource_group_name = local.group
  location            = local.location
  tags                = local.tags

  infrastructure_subnet_id       = azurerm_subnet.apps.id
  internal_load_balancer_enabled = !var.public_ingress
  public_network_access          = var.public_ingress ? "Enabled" : "Disabled"
  zone_redundancy_enabled        = var.zone_redundant

  # The diagnostic setting in logs.tf sends logs to Log Analytics. The
  # alternative, "log-analytics", would need the workspace's key.
  logs_destination = "azure-monitor"

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }
}
