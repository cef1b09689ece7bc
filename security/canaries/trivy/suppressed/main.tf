resource "azurerm_storage_container" "reports" {
  name                  = "reports"
  storage_account_id    = "id"
  container_access_type = "blob" #trivy:ignore:AZU-0007
}
