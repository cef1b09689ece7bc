variable "access" { type = string }

resource "azurerm_storage_container" "this" {
  name                  = "reports"
  storage_account_id    = "reports"
  container_access_type = var.access
}
