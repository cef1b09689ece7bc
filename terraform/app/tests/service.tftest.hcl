# The service and the jobs: their images, probes, scaling, and an environment
# without secrets.
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

run "images_come_from_our_registry_by_digest" {
  command = plan

  assert {
    condition     = azurerm_container_app.rates[0].template[0].container[0].image == "registry.azurecr.io/rates@${var.service_digest}"
    error_message = "The service's image must be referenced by digest."
  }

  assert {
    condition     = azurerm_container_app_job.migrate[0].template[0].container[0].image == "registry.azurecr.io/rates@${var.migrations_digest}"
    error_message = "The image of the migrations must be referenced by digest."
  }

  assert {
    condition     = azurerm_container_app_job.principals[0].template[0].container[0].image == "registry.azurecr.io/postgres@${var.postgres_digest}"
    error_message = "The image of psql must be referenced by digest."
  }

  assert {
    condition     = azurerm_container_app_job.smoke[0].template[0].container[0].image == "registry.azurecr.io/rates-smoke@${var.smoke_digest}"
    error_message = "The image of the smoke features must be referenced by digest."
  }
}

run "the_service_is_probed_at_its_health_endpoints" {
  command = plan

  assert {
    condition     = [for p in azurerm_container_app.rates[0].template[0].container[0].liveness_probe : "${p.transport} ${p.port} ${p.path}"] == ["HTTP 3000 /healthz"]
    error_message = "Liveness must be probed at /healthz: a restart does not bring a database back."
  }

  assert {
    condition     = [for p in azurerm_container_app.rates[0].template[0].container[0].readiness_probe : "${p.transport} ${p.port} ${p.path}"] == ["HTTP 3000 /readyz"]
    error_message = "Readiness must be probed at /readyz."
  }

  assert {
    condition     = [for p in azurerm_container_app.rates[0].template[0].container[0].startup_probe : p.path] == ["/healthz"] && alltrue([for p in azurerm_container_app.rates[0].template[0].container[0].startup_probe : p.interval_seconds * p.failure_count_threshold >= 45])
    error_message = "A start must be allowed more than the 30 s for which the service waits for its database."
  }

  assert {
    condition     = azurerm_container_app.rates[0].template[0].termination_grace_period_seconds > 30
    error_message = "The service must get more time to stop than it takes to drain."
  }
}

run "the_service_accepts_only_tls_and_scales_by_requests" {
  command = plan

  variables {
    min_replicas        = 1
    max_replicas        = 7
    concurrent_requests = 55
  }

  assert {
    condition     = !azurerm_container_app.rates[0].ingress[0].allow_insecure_connections && azurerm_container_app.rates[0].ingress[0].target_port == 3000
    error_message = "The ingress must refuse plain HTTP."
  }

  assert {
    condition     = azurerm_container_app.rates[0].template[0].http_scale_rule[0].concurrent_requests == "55"
    error_message = "The service must scale by concurrent requests."
  }

  assert {
    condition     = azurerm_container_app.rates[0].template[0].min_replicas == 1 && azurerm_container_app.rates[0].template[0].max_replicas == 7
    error_message = "The service must use min_replicas and max_replicas."
  }

  assert {
    condition     = azurerm_container_app.rates[0].revision_mode == "Single" && azurerm_container_app.rates[0].ingress[0].traffic_weight[0].latest_revision
    error_message = "A new revision must take over all traffic when it is ready."
  }
}

run "no_program_gets_a_secret" {
  command = plan

  assert {
    condition     = length(azurerm_container_app.rates[0].secret) == 0 && length(azurerm_container_app_job.migrate[0].secret) == 0 && length(azurerm_container_app_job.principals[0].secret) == 0
    error_message = "With tokens there must be no secret."
  }

  assert {
    condition     = one([for e in azurerm_container_app.rates[0].template[0].container[0].env : e.value if e.name == "DATABASE_URL"]) == "postgres://rates_service@server.postgres.database.azure.com:5432/rates?sslmode=verify-full"
    error_message = "The service must log in as rates_service, without a password, and verify the server."
  }

  assert {
    condition     = one([for e in azurerm_container_app_job.migrate[0].template[0].container[0].env : e.value if e.name == "DATABASE_URL"]) == "postgres://rates_migrate@server.postgres.database.azure.com:5432/rates?sslmode=verify-full"
    error_message = "The job migrate must log in as rates_migrate, without a password, and verify the server."
  }

  assert {
    condition     = length([for e in azurerm_container_app_job.smoke[0].template[0].container[0].env : e if e.name != "BASE_URL"]) == 0
    error_message = "The job smoke must know the service's address and nothing else."
  }
}

run "jobs_are_started_by_hand_and_never_retried" {
  command = plan

  assert {
    condition = alltrue([for job in [azurerm_container_app_job.migrate[0], azurerm_container_app_job.principals[0], azurerm_container_app_job.smoke[0]] :
    length(job.manual_trigger_config) == 1 && length(job.schedule_trigger_config) == 0 && job.replica_retry_limit == 0])
    error_message = "A failed job must not be retried."
  }

  assert {
    condition     = [for a in azurerm_container_app_job.migrate[0].template[0].container[0].args : a] == ["migrate"]
    error_message = "The job migrate must run rates migrate."
  }

  assert {
    condition     = one(azurerm_container_app_job.smoke[0].template[0].container[0].env).value == output.url
    error_message = "The job smoke must use the address of the service."
  }
}

run "a_migration_can_be_rolled_back" {
  command = plan

  variables {
    migrations_version = 10
  }

  assert {
    condition     = [for a in azurerm_container_app_job.migrate[0].template[0].container[0].args : a] == ["migrate", "--to", "10"]
    error_message = "The job migrate must migrate to migrations_version."
  }
}

run "the_job_seed_imports_the_sample_with_its_own_login" {
  command = plan

  variables {
    seed = true
  }

  assert {
    condition     = azurerm_container_app_job.seed[0].template[0].container[0].image == "registry.azurecr.io/rates@${var.migrations_digest}" && azurerm_container_app_job.seed[0].template[0].container[0].args == tolist(["import", "--sample"])
    error_message = "The job seed must run rates import --sample of the image that has the migrations."
  }

  assert {
    condition = { for e in azurerm_container_app_job.seed[0].template[0].container[0].env : e.name => e.value } == {
      AZURE_CLIENT_ID      = azurerm_user_assigned_identity.this["seed"].client_id
      DATABASE_URL         = "postgres://rates_seed@server.postgres.database.azure.com:5432/rates?sslmode=verify-full"
      RATES_DATABASE_LOGIN = "azure"
    }
    error_message = "The job seed must log in as rates_seed, with tokens of its own identity, and verify the server."
  }

  assert {
    condition     = length(azurerm_container_app_job.seed[0].secret) == 0 && length(azurerm_container_app_job.seed[0].manual_trigger_config) == 1 && azurerm_container_app_job.seed[0].replica_retry_limit == 0
    error_message = "The job seed must have no secret, be started by hand and not be retried."
  }

  assert {
    condition     = one([for e in azurerm_container_app_job.principals[0].template[0].container[0].env : e.value if e.name == "SEED_ID"]) == azurerm_user_assigned_identity.this["seed"].principal_id
    error_message = "The job principals must create the login of the job seed."
  }
}

run "without_the_variable_there_is_no_seed" {
  command = plan

  assert {
    condition     = length(azurerm_container_app_job.seed) == 0 && output.jobs.seed == null && !contains(keys(azurerm_user_assigned_identity.this), "seed")
    error_message = "Without seed there must be neither the job nor its identity."
  }
}

run "what_was_deployed_is_recorded" {
  command = plan

  variables {
    commit             = "4444444444444444444444444444444444444444"
    migrations_version = 10
  }

  assert {
    condition = output.deployed == {
      commit             = var.commit
      migrations_digest  = var.migrations_digest
      migrations_version = 10
      service_digest     = var.service_digest
      smoke_digest       = var.smoke_digest
    }
    error_message = "The output deployed must have all that the way back needs."
  }
}

run "before_the_first_migration_there_is_no_service" {
  command = plan

  variables {
    service_digest = null
    smoke_digest   = null
  }

  assert {
    condition     = length(azurerm_container_app.rates) == 0 && output.url == null
    error_message = "Without service_digest there must be no service."
  }

  assert {
    condition     = azurerm_container_app_job.migrate[0].name == output.jobs.migrate && output.jobs.smoke == null
    error_message = "The job migrate must exist before the service."
  }

  assert {
    condition     = length(azurerm_monitor_metric_alert.app) == 0 && length(azurerm_monitor_metric_alert.database) > 0
    error_message = "Without the service only the database may raise alerts."
  }
}

run "while_the_registry_is_empty_nothing_needs_an_image" {
  command = plan

  variables {
    migrations_digest = null
    seed              = true
    service_digest    = null
    smoke_digest      = null
  }

  assert {
    condition     = length(azurerm_container_app.rates) + length(azurerm_container_app_job.principals) + length(azurerm_container_app_job.migrate) + length(azurerm_container_app_job.seed) + length(azurerm_container_app_job.smoke) == 0
    error_message = "The first apply must create no job and no app: Azure refuses one whose image is not in the registry."
  }

  assert {
    condition     = output.jobs.principals == null && output.jobs.migrate == null && output.registry.name == "crratesdevacme1"
    error_message = "The first apply must create the registry and output no jobs."
  }

  assert {
    condition     = output.postgres_image == "docker.io/library/postgres@${var.postgres_digest}"
    error_message = "The first apply must output the image to import for the job principals."
  }
}

run "the_url_is_that_of_the_service" {
  command = plan

  assert {
    condition     = output.url == "https://ca-rates-dev.happyfield-00000000.westeurope.azurecontainerapps.io"
    error_message = "The output url must be the address of the service."
  }
}
