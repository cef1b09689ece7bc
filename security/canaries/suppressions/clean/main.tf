# Do not skip what checkov says.
resource "azurerm_storage_container" "reports" {
  name                  = "reports"
  container_access_type = "private"
}
