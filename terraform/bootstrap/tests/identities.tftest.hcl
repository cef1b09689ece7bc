# The identities that plan and apply: without secrets, bound to an environment of
# one repository, with rights on one resource group.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

override_resource {
  target          = azurerm_user_assigned_identity.deploy["dev-plan"]
  override_during = plan
  values          = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/dev-plan", principal_id = "00000000-0000-0000-0000-0000000000b1", client_id = "00000000-0000-0000-0000-0000000000c1" }
}

override_resource {
  target          = azurerm_user_assigned_identity.deploy["dev-apply"]
  override_during = plan
  values          = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/dev-apply", principal_id = "00000000-0000-0000-0000-0000000000b2", client_id = "00000000-0000-0000-0000-0000000000c2" }
}

override_resource {
  target          = azurerm_user_assigned_identity.deploy["prod-plan"]
  override_during = plan
  values          = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/prod-plan", principal_id = "00000000-0000-0000-0000-0000000000b3", client_id = "00000000-0000-0000-0000-0000000000c3" }
}

override_resource {
  target          = azurerm_user_assigned_identity.deploy["prod-apply"]
  override_during = plan
  values          = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/prod-apply", principal_id = "00000000-0000-0000-0000-0000000000b4", client_id = "00000000-0000-0000-0000-0000000000c4" }
}

override_resource {
  target          = azurerm_resource_group.environment["dev"]
  override_during = plan
  values          = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-dev" }
}

override_resource {
  target          = azurerm_resource_group.environment["prod"]
  override_during = plan
  values          = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-prod" }
}

override_resource {
  target          = azurerm_storage_container.state["dev"]
  override_during = plan
  values          = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Storage/storageAccounts/state/blobServices/default/containers/dev" }
}

override_resource {
  target          = azurerm_storage_container.state["prod"]
  override_during = plan
  values          = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.Storage/storageAccounts/state/blobServices/default/containers/prod" }
}

run "github_is_trusted_by_ids_and_environment" {
  command = plan

  assert {
    condition = { for identity, c in azurerm_federated_identity_credential.github : identity => c.subject } == {
      dev-apply  = "repo:acme@1234567/rates@7654321:environment:dev"
      dev-plan   = "repo:acme@1234567/rates@7654321:environment:dev-plan"
      prod-apply = "repo:acme@1234567/rates@7654321:environment:prod"
      prod-plan  = "repo:acme@1234567/rates@7654321:environment:prod-plan"
    }
    error_message = "Each identity must be bound to one environment of the repository, in the immutable form."
  }

  assert {
    condition     = alltrue([for c in azurerm_federated_identity_credential.github : c.issuer == "https://token.actions.githubusercontent.com" && [for a in c.audience : a] == ["api://AzureADTokenExchange"]])
    error_message = "Only GitHub's own tokens, issued for Azure, may be exchanged."
  }

  assert {
    condition     = output.github_environments == { dev = "00000000-0000-0000-0000-0000000000c2", dev-plan = "00000000-0000-0000-0000-0000000000c1", prod = "00000000-0000-0000-0000-0000000000c4", prod-plan = "00000000-0000-0000-0000-0000000000c3" }
    error_message = "The output must name each GitHub environment with its identity."
  }
}

run "a_plan_may_only_read" {
  command = plan

  assert {
    condition     = { for e, r in azurerm_role_assignment.plan_reads : e => "${r.role_definition_name} on ${basename(r.scope)} to ${r.principal_id}" } == { dev = "Reader on rg-rates-dev to 00000000-0000-0000-0000-0000000000b1", prod = "Reader on rg-rates-prod to 00000000-0000-0000-0000-0000000000b3" }
    error_message = "The identities that plan must be readers of their environment's group."
  }

  assert {
    condition     = { for e, r in azurerm_role_assignment.plan_state : e => "${r.role_definition_name} on ${basename(r.scope)} to ${r.principal_id}" } == { dev = "Storage Blob Data Reader on dev to 00000000-0000-0000-0000-0000000000b1", prod = "Storage Blob Data Reader on prod to 00000000-0000-0000-0000-0000000000b3" }
    error_message = "The identities that plan must only read the state of their environment."
  }

  assert {
    condition     = alltrue([for a in azurerm_role_definition.refresh.permissions[0].actions : can(regex("/(listSecrets|sharedKeys)/action$", a))]) && length(coalesce(azurerm_role_definition.refresh.permissions[0].data_actions, [])) == 0
    error_message = "Beyond Reader, a plan must have exactly the reads that Azure counts as actions."
  }
}

run "an_apply_may_change_only_its_own_environment" {
  command = plan

  assert {
    condition     = { for e, r in azurerm_role_assignment.apply_contributes : e => "${r.role_definition_name} on ${basename(r.scope)} to ${r.principal_id}" } == { dev = "Contributor on rg-rates-dev to 00000000-0000-0000-0000-0000000000b2", prod = "Contributor on rg-rates-prod to 00000000-0000-0000-0000-0000000000b4" }
    error_message = "The identities that apply must be contributors to their environment's group."
  }

  assert {
    condition     = { for e, r in azurerm_role_assignment.apply_state : e => "${r.role_definition_name} on ${basename(r.scope)} to ${r.principal_id}" } == { dev = "Storage Blob Data Contributor on dev to 00000000-0000-0000-0000-0000000000b2", prod = "Storage Blob Data Contributor on prod to 00000000-0000-0000-0000-0000000000b4" }
    error_message = "The identities that apply must write the state of their environment only."
  }

  assert {
    condition     = alltrue([for a in azurerm_role_definition.locks.permissions[0].actions : startswith(a, "Microsoft.Authorization/locks/")])
    error_message = "The role for locks must cover locks only."
  }

  assert {
    condition     = azurerm_role_definition.deleted_vaults.permissions[0].actions == tolist(["Microsoft.KeyVault/locations/deletedVaults/read"]) && alltrue([for r in azurerm_role_assignment.apply_finds_deleted_vaults : r.scope == "/subscriptions/00000000-0000-0000-0000-000000000001"])
    error_message = "In the subscription, the identities that apply may only find deleted key vaults."
  }
}

run "an_apply_can_assign_only_two_roles" {
  command = plan

  assert {
    condition     = toset(keys(data.azurerm_role_definition.grantable)) == toset(["AcrPull", "Key Vault Secrets User"])
    error_message = "An environment must be able to assign exactly these two roles."
  }

  assert {
    condition = alltrue([for r in azurerm_role_assignment.apply_grants : r.condition == join(" AND ", [
      "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {00000000-0000-0000-0000-0000000000f1, 00000000-0000-0000-0000-0000000000f1} AND @Resource[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}))",
      "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {00000000-0000-0000-0000-0000000000f1, 00000000-0000-0000-0000-0000000000f1} AND @Request[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}))",
    ])])
    error_message = "The right to assign roles must be limited to two roles and to service principals."
  }

  assert {
    condition     = alltrue([for r in azurerm_role_assignment.apply_grants : r.role_definition_name == "Role Based Access Control Administrator" && r.condition_version == "2.0"])
    error_message = "The right to assign roles must be the role that supports a condition."
  }
}

run "administrators_reach_every_state_through_a_group" {
  command = plan

  assert {
    condition     = azurerm_role_assignment.administrators_state.principal_type == "Group" && azurerm_role_assignment.administrators_state.role_definition_name == "Storage Blob Data Contributor"
    error_message = "Administrators must reach the states through a group."
  }
}
