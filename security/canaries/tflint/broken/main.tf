resource "azurerm_storage_container" "reports" {
  container_access_type = "blob"
