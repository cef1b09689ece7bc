resource "azurerm_network_security_rule" "ssh" {
  # checkov:skip=CKV_AZURE_10:the partner asked for it
  name                       = "ssh"
  direction                  = "Inbound"
  access                     = "Allow"
  protocol                   = "Tcp"
  destination_port_range     = "22"
  source_address_prefix      = "*"
}
