resource "azurerm_storage_container" "reports" {
  name                  = "reports"
  storage_account_id    = var.storage_account_id
  container_access_type = "private"
}
