resource "azurerm_storage_container" "reports" {
  name                  = "reports"
  storage_account_id    = "reports"
  container_access_type = "blob" #tfsec:ignore:azure-storage-no-public-access
}
