# To plan: Reader, and three reads that Azure counts as actions, which the
# provider needs to refresh a container app, a job and a workspace. They reveal
# nothing: the app has no secrets of its own and the workspace accepts no keys.
resource "azurerm_role_definition" "refresh" {
  name              = "rates refresh ${var.name_suffix}"
  scope             = azurerm_resource_group.platform.id
  description       = "Reads beyond Reader that terraform plan needs."
  assignable_scopes = concat([azurerm_resource_group.platform.id], [for g in azurerm_resource_group.environment : g.id])

  permissions {
    actions = [
      "Microsoft.App/containerApps/listSecrets/action",
      "Microsoft.App/jobs/listSecrets/action",
      "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
    ]
  }
}

# Contributor may not change locks.
resource "azurerm_role_definition" "locks" {
  name              = "rates locks ${var.name_suffix}"
  scope             = azurerm_resource_group.platform.id
  description       = "Sets and lifts locks on resources that must not be removed."
  assignable_scopes = concat([azurerm_resource_group.platform.id], [for g in azurerm_resource_group.environment : g.id])

  permissions {
    actions = [
      "Microsoft.Authorization/locks/read",
      "Microsoft.Authorization/locks/write",
      "Microsoft.Authorization/locks/delete",
    ]
  }
}

# Deleted key vaults are listed in the subscription, not in their group.
resource "azurerm_role_definition" "deleted_vaults" {
  name        = "rates deleted vaults ${var.name_suffix}"
  scope       = local.subscription
  description = "Finds a deleted key vault, to recover it."

  permissions {
    actions = ["Microsoft.KeyVault/locations/deletedVaults/read"]
  }
}

# The only roles that an environment assigns to its own identities.
data "azurerm_role_definition" "grantable" {
  for_each = toset(["AcrPull", "Key Vault Secrets User"])

  name  = each.key
  scope = local.subscription
}

locals {
  grantable = join(", ", sort([for r in data.azurerm_role_definition.grantable : r.role_definition_id]))

  # So that an identity that applies cannot make itself, or a person, an owner.
  grant_condition = join(" AND ", [for verb, at in { write = "@Request", delete = "@Resource" } : join("", [
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${verb}'}))",
    " OR (${at}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${local.grantable}}",
    " AND ${at}[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}))",
  ])])
}

resource "azurerm_role_assignment" "plan_reads" {
  for_each = var.environments

  scope                = azurerm_resource_group.environment[each.key].id
  role_definition_name = "Reader"
  principal_id         = azurerm_user_assigned_identity.deploy["${each.key}-plan"].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "plan_refreshes" {
  for_each = var.environments

  scope              = azurerm_resource_group.environment[each.key].id
  role_definition_id = azurerm_role_definition.refresh.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.deploy["${each.key}-plan"].principal_id
  principal_type     = "ServicePrincipal"
}

# Read-only: a plan runs with -lock=false.
resource "azurerm_role_assignment" "plan_state" {
  for_each = var.environments

  scope                = azurerm_storage_container.state[each.key].id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.deploy["${each.key}-plan"].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "apply_contributes" {
  for_each = var.environments

  scope                = azurerm_resource_group.environment[each.key].id
  role_definition_name = "Contributor"
  principal_id         = azurerm_user_assigned_identity.deploy["${each.key}-apply"].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "apply_locks" {
  for_each = var.environments

  scope              = azurerm_resource_group.environment[each.key].id
  role_definition_id = azurerm_role_definition.locks.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.deploy["${each.key}-apply"].principal_id
  principal_type     = "ServicePrincipal"
}

resource "azurerm_role_assignment" "apply_finds_deleted_vaults" {
  for_each = var.environments

  scope              = local.subscription
  role_definition_id = azurerm_role_definition.deleted_vaults.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.deploy["${each.key}-apply"].principal_id
  principal_type     = "ServicePrincipal"
}

resource "azurerm_role_assignment" "apply_grants" {
  for_each = var.environments

  scope                = azurerm_resource_group.environment[each.key].id
  role_definition_name = "Role Based Access Control Administrator"
  principal_id         = azurerm_user_assigned_identity.deploy["${each.key}-apply"].principal_id
  principal_type       = "ServicePrincipal"
  condition            = local.grant_condition
  condition_version    = "2.0"
}

resource "azurerm_role_assignment" "apply_state" {
  for_each = var.environments

  scope                = azurerm_storage_container.state[each.key].id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.deploy["${each.key}-apply"].principal_id
  principal_type       = "ServicePrincipal"
}

# Owners of the subscription have no access to data unless it is granted.
resource "azurerm_role_assignment" "administrators_state" {
  scope                = azurerm_storage_account.state.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = var.administrators_group_id
  principal_type       = "Group"
}
