# One identity for each program, with the rights for its own work only. Their
# rights in the database are in principals/principals.sql.
locals {
  programs = merge({
    service    = "answers requests; reads"
    migrate    = "migrates the database; owns its tables"
    principals = "creates the other logins; administers the server"
    smoke      = "calls the service from within the network; no access to the database"
    }, var.seed ? {
    seed = "imports the sample; adds ports, regions and prices"
  } : {})
}

resource "azurerm_user_assigned_identity" "this" {
  for_each = local.programs

  name                = "id-${local.name}-${each.key}"
  resource_group_name = local.group
  location            = local.location
  tags                = merge(local.tags, { purpose = each.value })
}

resource "azurerm_role_assignment" "pull" {
  for_each = local.programs

  scope                = azurerm_container_registry.this.id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_user_assigned_identity.this[each.key].principal_id
  principal_type       = "ServicePrincipal"
}

# Without passwords the service needs nothing from the vault.
resource "azurerm_role_assignment" "service_reads_secrets" {
  count = var.database_password_login ? 1 : 0

  scope                = azurerm_key_vault.this.id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.this["service"].principal_id
  principal_type       = "ServicePrincipal"
}
