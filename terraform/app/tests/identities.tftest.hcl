# Each program has its own identity, with the roles for its own work only.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment    = "dev"
  address_space  = "10.20.0.0/22"
  service_digest = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
  smoke_digest   = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
}

override_resource {
  target          = azurerm_user_assigned_identity.this["service"]
  override_during = plan
  values = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/service"
    principal_id = "00000000-0000-0000-0000-0000000000b1"
    client_id    = "00000000-0000-0000-0000-0000000000c1"
  }
}

override_resource {
  target          = azurerm_user_assigned_identity.this["migrate"]
  override_during = plan
  values = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/migrate"
    principal_id = "00000000-0000-0000-0000-0000000000b2"
    client_id    = "00000000-0000-0000-0000-0000000000c2"
  }
}

override_resource {
  target          = azurerm_user_assigned_identity.this["principals"]
  override_during = plan
  values = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/principals"
    principal_id = "00000000-0000-0000-0000-0000000000b3"
    client_id    = "00000000-0000-0000-0000-0000000000c3"
  }
}

override_resource {
  target          = azurerm_user_assigned_identity.this["smoke"]
  override_during = plan
  values = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-test/providers/Microsoft.ManagedIdentity/userAssignedIdentities/smoke"
    principal_id = "00000000-0000-0000-0000-0000000000b4"
    client_id    = "00000000-0000-0000-0000-0000000000c4"
  }
}

run "every_identity_may_pull_images_and_nothing_more" {
  command = plan

  assert {
    condition = { for program, r in azurerm_role_assignment.pull : program => "${r.role_definition_name} ${r.principal_id}" } == {
      service    = "AcrPull 00000000-0000-0000-0000-0000000000b1"
      migrate    = "AcrPull 00000000-0000-0000-0000-0000000000b2"
      principals = "AcrPull 00000000-0000-0000-0000-0000000000b3"
      smoke      = "AcrPull 00000000-0000-0000-0000-0000000000b4"
    }
    error_message = "Each program's identity must have AcrPull."
  }

  assert {
    condition     = alltrue([for r in azurerm_role_assignment.pull : r.scope == azurerm_container_registry.this.id])
    error_message = "AcrPull must be limited to the registry."
  }

  assert {
    condition     = length(azurerm_role_assignment.service_reads_secrets) == 0
    error_message = "Without passwords the service must have no role on the key vault."
  }
}

run "each_program_runs_as_its_own_identity" {
  command = plan

  assert {
    condition     = azurerm_container_app.rates[0].identity[0].type == "UserAssigned" && [for id in azurerm_container_app.rates[0].identity[0].identity_ids : basename(id)] == ["service"]
    error_message = "The service must run as its own identity only."
  }

  assert {
    condition     = [for id in azurerm_container_app_job.migrate[0].identity[0].identity_ids : basename(id)] == ["migrate"]
    error_message = "The job migrate must run as its own identity only."
  }

  assert {
    condition     = [for id in azurerm_container_app_job.principals[0].identity[0].identity_ids : basename(id)] == ["principals"]
    error_message = "The job principals must run as its own identity only."
  }

  assert {
    condition     = [for id in azurerm_container_app_job.smoke[0].identity[0].identity_ids : basename(id)] == ["smoke"]
    error_message = "The job smoke must run as its own identity only."
  }

  assert {
    condition = [for r in concat(azurerm_container_app.rates[0].registry, azurerm_container_app_job.migrate[0].registry, azurerm_container_app_job.principals[0].registry, azurerm_container_app_job.smoke[0].registry) :
    basename(r.identity)] == ["service", "migrate", "principals", "smoke"]
    error_message = "Images must be pulled by identity, not by password."
  }
}

run "only_the_job_principals_and_a_group_of_people_administer_the_database" {
  command = plan

  assert {
    condition     = azurerm_postgresql_flexible_server_active_directory_administrator.principals.object_id == "00000000-0000-0000-0000-0000000000b3" && azurerm_postgresql_flexible_server_active_directory_administrator.principals.principal_type == "ServicePrincipal"
    error_message = "The identity of the job principals must administer the database."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server_active_directory_administrator.people.object_id == "00000000-0000-0000-0000-0000000000e1" && azurerm_postgresql_flexible_server_active_directory_administrator.people.principal_type == "Group"
    error_message = "People must administer the database through a group, so that membership can end."
  }
}

run "the_programs_log_in_with_tokens_of_their_own_identity" {
  command = plan

  assert {
    condition = { for e in azurerm_container_app.rates[0].template[0].container[0].env : e.name => e.value if contains(["AZURE_CLIENT_ID", "RATES_DATABASE_LOGIN"], e.name) } == {
      AZURE_CLIENT_ID      = "00000000-0000-0000-0000-0000000000c1"
      RATES_DATABASE_LOGIN = "azure"
    }
    error_message = "The service must log in with tokens of its own identity."
  }

  assert {
    condition = { for e in azurerm_container_app_job.migrate[0].template[0].container[0].env : e.name => e.value if contains(["AZURE_CLIENT_ID", "RATES_DATABASE_LOGIN"], e.name) } == {
      AZURE_CLIENT_ID      = "00000000-0000-0000-0000-0000000000c2"
      RATES_DATABASE_LOGIN = "azure"
    }
    error_message = "The job migrate must log in with tokens of its own identity."
  }
}

run "the_job_principals_gets_the_ids_of_all_logins" {
  command = plan

  assert {
    condition = { for e in azurerm_container_app_job.principals[0].template[0].container[0].env : e.name => e.value if endswith(e.name, "_ID") } == {
      AZURE_CLIENT_ID = "00000000-0000-0000-0000-0000000000c3"
      LOADERS_ID      = "00000000-0000-0000-0000-0000000000e2"
      MIGRATE_ID      = "00000000-0000-0000-0000-0000000000b2"
      READERS_ID      = "00000000-0000-0000-0000-0000000000e3"
      SEED_ID         = ""
      SERVICE_ID      = "00000000-0000-0000-0000-0000000000b1"
    }
    error_message = "The job principals must get the object ids of the programs and groups."
  }

  assert {
    condition     = alltrue([for program in ["rates_service", "rates_migrate", "rates_people_reader", "rates_people_loader"] : strcontains(one([for e in azurerm_container_app_job.principals[0].template[0].container[0].env : e.value if e.name == "PRINCIPALS_SQL"]), "'${program}'")])
    error_message = "principals.sql must create a login for each program and group."
  }

  assert {
    condition     = strcontains(azurerm_container_app_job.principals[0].template[0].container[0].command[2], "verify-full")
    error_message = "The job must send its token only to a server with a verified certificate."
  }
}
