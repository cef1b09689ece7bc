# The service and the jobs: which images, how they are probed and scaled, and that
# no secret is among what they are told.
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
    error_message = "The service's image must be named by its digest."
  }

  assert {
    condition     = azurerm_container_app_job.migrate[0].template[0].container[0].image == "registry.azurecr.io/rates@${var.migrations_digest}"
    error_message = "The image of the migrations must be named by its digest."
  }

  assert {
    condition     = azurerm_container_app_job.principals[0].template[0].container[0].image == "registry.azurecr.io/postgres@${var.postgres_digest}"
    error_message = "The image of psql must be named by its digest."
  }

  assert {
    condition     = azurerm_container_app_job.smoke[0].template[0].container[0].image == "registry.azurecr.io/rates-smoke@${var.smoke_digest}"
    error_message = "The image of the smoke features must be named by its digest."
  }
}

run "the_service_is_probed_where_it_says_how_it_is" {
  command = plan

  assert {
    condition     = [for p in azurerm_container_app.rates[0].template[0].container[0].liveness_probe : "${p.transport} ${p.port} ${p.path}"] == ["HTTP 3000 /healthz"]
    error_message = "Whether the process lives is asked at /healthz: a restart does not bring a database back."
  }

  assert {
    condition     = [for p in azurerm_container_app.rates[0].template[0].container[0].readiness_probe : "${p.transport} ${p.port} ${p.path}"] == ["HTTP 3000 /readyz"]
    error_message = "Whether it can answer is asked at /readyz."
  }

  assert {
    condition     = [for p in azurerm_container_app.rates[0].template[0].container[0].startup_probe : p.path] == ["/healthz"] && alltrue([for p in azurerm_container_app.rates[0].template[0].container[0].startup_probe : p.interval_seconds * p.failure_count_threshold >= 45])
    error_message = "A start must be given longer than the 30 s for which the service waits for its database."
  }

  assert {
    condition     = azurerm_container_app.rates[0].template[0].termination_grace_period_seconds > 30
    error_message = "The service must be given longer to stop than it takes to drain."
  }
}

run "the_service_takes_tls_alone_and_scales_by_requests" {
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
    error_message = "min_replicas and max_replicas must be the service's."
  }

  assert {
    condition     = azurerm_container_app.rates[0].revision_mode == "Single" && azurerm_container_app.rates[0].ingress[0].traffic_weight[0].latest_revision
    error_message = "A new revision must take over all traffic when it is ready."
  }
}

run "no_secret_is_told_to_a_program" {
  command = plan

  assert {
    condition     = length(azurerm_container_app.rates[0].secret) == 0 && length(azurerm_container_app_job.migrate[0].secret) == 0 && length(azurerm_container_app_job.principals[0].secret) == 0
    error_message = "With tokens there is nothing secret to keep."
  }

  assert {
    condition     = one([for e in azurerm_container_app.rates[0].template[0].container[0].env : e.value if e.name == "DATABASE_URL"]) == "postgres://rates_service@server.postgres.database.azure.com:5432/rates?sslmode=verify-full"
    error_message = "The service must log in as rates_service, without a password, and verify whom it speaks to."
  }

  assert {
    condition     = one([for e in azurerm_container_app_job.migrate[0].template[0].container[0].env : e.value if e.name == "DATABASE_URL"]) == "postgres://rates_migrate@server.postgres.database.azure.com:5432/rates?sslmode=verify-full"
    error_message = "The job migrate must log in as rates_migrate, without a password, and verify whom it speaks to."
  }

  assert {
    condition     = length([for e in azurerm_container_app_job.smoke[0].template[0].container[0].env : e if e.name != "BASE_URL"]) == 0
    error_message = "The smoke features know the service's address and nothing else."
  }
}

run "jobs_are_started_by_hand_and_not_tried_again" {
  command = plan

  assert {
    condition = alltrue([for job in [azurerm_container_app_job.migrate[0], azurerm_container_app_job.principals[0], azurerm_container_app_job.smoke[0]] :
    length(job.manual_trigger_config) == 1 && length(job.schedule_trigger_config) == 0 && job.replica_retry_limit == 0])
    error_message = "A job that failed is looked at, not tried again."
  }

  assert {
    condition     = [for a in azurerm_container_app_job.migrate[0].template[0].container[0].args : a] == ["migrate"]
    error_message = "The job migrate must run rates migrate."
  }

  assert {
    condition     = one(azurerm_container_app_job.smoke[0].template[0].container[0].env).value == output.url
    error_message = "The smoke features must ask the address that the deployment says."
  }
}

run "a_migration_can_be_taken_back" {
  command = plan

  variables {
    migrations_version = 10
  }

  assert {
    condition     = [for a in azurerm_container_app_job.migrate[0].template[0].container[0].args : a] == ["migrate", "--to", "10"]
    error_message = "The job migrate must go to migrations_version."
  }
}

run "before_the_first_migration_there_is_no_service" {
  command = plan

  variables {
    service_digest = null
    smoke_digest   = null
  }

  assert {
    condition     = length(azurerm_container_app.rates) == 0 && output.url == null && output.latest_revision == null
    error_message = "Without service_digest there must be no service."
  }

  assert {
    condition     = azurerm_container_app_job.migrate[0].name == output.jobs.migrate && output.jobs.smoke == null
    error_message = "The job migrate must be there before the service is."
  }

  assert {
    condition     = length(azurerm_monitor_metric_alert.app) == 0 && length(azurerm_monitor_metric_alert.database) > 0
    error_message = "What is not there cannot alert; the database can."
  }
}

run "while_the_registry_is_empty_nothing_needs_an_image" {
  command = plan

  variables {
    migrations_digest = null
    service_digest    = null
    smoke_digest      = null
  }

  assert {
    condition     = length(azurerm_container_app.rates) + length(azurerm_container_app_job.principals) + length(azurerm_container_app_job.migrate) + length(azurerm_container_app_job.smoke) == 0
    error_message = "Azure refuses a job or an app whose image is not in the registry, so the first apply must make none."
  }

  assert {
    condition     = output.jobs.principals == null && output.jobs.migrate == null && output.registry.name == "crratesdevacme1"
    error_message = "The first apply must make the registry, and say that there are no jobs."
  }

  assert {
    condition     = output.postgres_image == "docker.io/library/postgres@${var.postgres_digest}"
    error_message = "The first apply must say which image to import for the job principals."
  }
}

run "the_address_is_the_service_s" {
  command = plan

  assert {
    condition     = output.url == "https://ca-rates-dev.happyfield-00000000.westeurope.azurecontainerapps.io"
    error_message = "The output url must be the address of the service."
  }
}
