# Each value that cannot be used is refused by the variable it was given to.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment   = "dev"
  address_space = "10.20.0.0/22"
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}

run "a_suffix_with_capitals_is_refused" {
  command = plan

  variables {
    name_suffix = "Acme_1"
  }

  expect_failures = [var.name_suffix]
}

run "an_owner_without_an_address_is_refused" {
  command = plan

  variables {
    owner = "the platform team"
  }

  expect_failures = [var.owner]
}

run "a_public_network_is_refused" {
  command = plan

  variables {
    address_space = "203.0.113.0/22"
  }

  expect_failures = [var.address_space]
}

run "a_network_too_small_is_refused" {
  command = plan

  variables {
    address_space = "10.20.0.0/24"
  }

  expect_failures = [var.address_space]
}

run "a_network_that_starts_in_its_middle_is_refused" {
  command = plan

  variables {
    address_space = "10.20.1.0/22"
  }

  expect_failures = [var.address_space]
}

run "an_address_without_a_range_is_refused" {
  command = plan

  variables {
    ingress_allowed_from = { office = "203.0.113.7" }
  }

  expect_failures = [var.ingress_allowed_from]
}

run "a_range_for_everybody_is_refused" {
  command = plan

  variables {
    ingress_allowed_from = { all = "0.0.0.0/0" }
  }

  expect_failures = [var.ingress_allowed_from]
}

run "a_public_range_for_the_database_is_refused" {
  command = plan

  variables {
    database_reachable_from = ["203.0.113.0/24"]
  }

  expect_failures = [var.database_reachable_from]
}

run "an_old_postgresql_is_refused" {
  command = plan

  variables {
    database_version = "14"
  }

  expect_failures = [var.database_version]
}

run "a_size_without_its_tier_is_refused" {
  command = plan

  variables {
    database_sku = "Standard_D2ds_v5"
  }

  expect_failures = [var.database_sku]
}

run "a_storage_size_that_azure_has_not_is_refused" {
  command = plan

  variables {
    database_storage_mb = 50000
  }

  expect_failures = [var.database_storage_mb]
}

run "an_unknown_standby_is_refused" {
  command = plan

  variables {
    database_high_availability = "Always"
  }

  expect_failures = [var.database_high_availability]
}

run "a_standby_for_a_burstable_server_is_refused" {
  command = plan

  variables {
    database_sku = "B_Standard_B2s"
  }

  expect_failures = [var.database_high_availability]
}

run "backups_for_too_few_days_are_refused" {
  command = plan

  variables {
    database_backup_days = 3
  }

  expect_failures = [var.database_backup_days]
}

run "a_cluster_of_none_is_refused" {
  command = plan

  variables {
    database_cluster_size = 0
  }

  expect_failures = [var.database_cluster_size]
}

run "a_cluster_of_an_old_postgresql_is_refused" {
  command = plan

  variables {
    database_cluster_size = 2
    database_version      = "16"
  }

  expect_failures = [var.database_cluster_size]
}

run "a_password_login_without_a_password_is_refused" {
  command = plan

  variables {
    database_password_login = true
  }

  expect_failures = [var.database_administrator_password]
}

run "a_short_password_is_refused" {
  command = plan

  variables {
    database_password_login         = true
    database_administrator_password = "short"
  }

  expect_failures = [var.database_administrator_password]
}

run "a_password_version_of_none_is_refused" {
  command = plan

  variables {
    database_administrator_password_version = 0
  }

  expect_failures = [var.database_administrator_password_version]
}

run "migrations_by_tag_are_refused" {
  command = plan

  variables {
    migrations_digest = "latest"
  }

  expect_failures = [var.migrations_digest]
}

run "a_service_by_tag_is_refused" {
  command = plan

  variables {
    service_digest = "v1.2.3"
  }

  expect_failures = [var.service_digest]
}

run "a_digest_that_is_too_short_is_refused" {
  command = plan

  variables {
    service_digest = "sha256:2222"
  }

  expect_failures = [var.service_digest]
}

run "smoke_features_by_tag_are_refused" {
  command = plan

  variables {
    smoke_digest = "latest"
  }

  expect_failures = [var.smoke_digest]
}

run "psql_by_tag_is_refused" {
  command = plan

  variables {
    postgres_digest = "18.6-trixie"
  }

  expect_failures = [var.postgres_digest]
}

run "a_share_of_a_core_that_azure_has_not_is_refused" {
  command = plan

  variables {
    service_cpu = 0.3
  }

  expect_failures = [var.service_cpu]
}

run "fewer_than_no_replicas_are_refused" {
  command = plan

  variables {
    min_replicas = -1
  }

  expect_failures = [var.min_replicas]
}

run "fewer_replicas_at_most_than_at_least_are_refused" {
  command = plan

  variables {
    min_replicas = 4
    max_replicas = 3
  }

  expect_failures = [var.max_replicas]
}

run "scaling_at_no_request_is_refused" {
  command = plan

  variables {
    concurrent_requests = 0
  }

  expect_failures = [var.concurrent_requests]
}

run "logs_for_too_few_days_are_refused" {
  command = plan

  variables {
    log_retention_days = 7
  }

  expect_failures = [var.log_retention_days]
}

run "logs_of_no_size_are_refused" {
  command = plan

  variables {
    log_daily_gb = 0
  }

  expect_failures = [var.log_daily_gb]
}

run "alerts_for_nobody_are_refused" {
  command = plan

  variables {
    alert_contacts = []
  }

  expect_failures = [var.alert_contacts]
}

run "a_latency_of_nothing_is_refused" {
  command = plan

  variables {
    alert_latency_ms = 0
  }

  expect_failures = [var.alert_latency_ms]
}

run "fewer_than_no_errors_are_refused" {
  command = plan

  variables {
    alert_server_errors = -1
  }

  expect_failures = [var.alert_server_errors]
}

run "a_group_by_name_is_refused" {
  command = plan

  variables {
    database_groups = {
      administrators = { name = "a", object_id = "administrators" }
      loaders        = { name = "l", object_id = "00000000-0000-0000-0000-0000000000e2" }
      readers        = { name = "r", object_id = "00000000-0000-0000-0000-0000000000e3" }
    }
  }

  expect_failures = [var.database_groups]
}

run "one_group_for_everything_is_refused" {
  command = plan

  variables {
    database_groups = {
      administrators = { name = "a", object_id = "00000000-0000-0000-0000-0000000000e1" }
      loaders        = { name = "l", object_id = "00000000-0000-0000-0000-0000000000e1" }
      readers        = { name = "r", object_id = "00000000-0000-0000-0000-0000000000e3" }
    }
  }

  expect_failures = [var.database_groups]
}
