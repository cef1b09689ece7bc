resource "azurerm_storage_container" "reports" {
  name                  = "reports"
  storage_account_name  = "reports"
  container_access_type = "blob"
}

resource "azurerm_network_security_rule" "ssh" {
  name                        = "ssh"
  priority                    = 100
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  destination_port_range      = "22"
  source_address_prefix       = "*"
  destination_address_prefix  = "*"
  resource_group_name         = "app"
  network_security_group_name = "app"
}
