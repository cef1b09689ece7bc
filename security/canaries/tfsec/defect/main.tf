module "reports" {
  source = "./reports"
  access = "blob"
}

resource "azurerm_key_vault" "secrets" {
  name                     = "secrets"
  location                 = "westeurope"
  resource_group_name      = "app"
  sku_name                 = "standard"
  tenant_id                = "00000000-0000-0000-0000-000000000000"
  purge_protection_enabled = false
  network_acls {
    bypass         = "AzureServices"
    default_action = "Deny"
  }
}
