# Each invalid value is refused by its variable. A run gives each variable one such
# value and passes only if all of them are refused.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment   = "dev"
  address_space = "10.20.0.0/22"
}

run "invalid_values_are_refused" {
  command = plan

  variables {
    environment                             = "staging"
    name_suffix                             = "Acme_1"
    owner                                   = "the platform team"
    address_space                           = "203.0.113.0/22"           # public
    ingress_allowed_from                    = { office = "203.0.113.7" } # not a range
    database_reachable_from                 = ["203.0.113.0/24"]         # public
    database_version                        = "14"
    database_sku                            = "Standard_D2ds_v5" # no tier
    database_storage_mb                     = 50000
    database_backup_days                    = 3
    database_administrator_password_version = 0
    database_groups = {
      administrators = { name = "a", object_id = "administrators" }
      loaders        = { name = "l", object_id = "00000000-0000-0000-0000-0000000000e2" }
      readers        = { name = "r", object_id = "00000000-0000-0000-0000-0000000000e3" }
    }
    migrations_digest   = "latest"
    migrations_version  = 0 # would empty the database
    postgres_digest     = "18.6-trixie"
    service_cpu         = 0.3
    min_replicas        = -1
    concurrent_requests = 0
    log_retention_days  = 7
    log_daily_gb        = 0
    alert_contacts      = []
    alert_latency_ms    = 0
    alert_server_errors = -1
  }

  expect_failures = [
    var.environment,
    var.name_suffix,
    var.owner,
    var.address_space,
    var.ingress_allowed_from,
    var.database_reachable_from,
    var.database_version,
    var.database_sku,
    var.database_storage_mb,
    var.database_backup_days,
    var.database_administrator_password_version,
    var.database_groups,
    var.migrations_digest,
    var.migrations_version,
    var.postgres_digest,
    var.service_cpu,
    var.min_replicas,
    var.concurrent_requests,
    var.log_retention_days,
    var.log_daily_gb,
    var.alert_contacts,
    var.alert_latency_ms,
    var.alert_server_errors,
  ]
}

run "contradicting_values_are_refused" {
  command = plan

  variables {
    database_high_availability      = "ZoneRedundant" # on a burstable server
    database_cluster_size           = 2               # with a version too old for clusters
    database_administrator_password = null            # with password logins
    database_groups = {
      administrators = { name = "a", object_id = "00000000-0000-0000-0000-0000000000e1" }
      loaders        = { name = "l", object_id = "00000000-0000-0000-0000-0000000000e1" }
      readers        = { name = "r", object_id = "00000000-0000-0000-0000-0000000000e3" }
    }
    commit                  = "main"   # not a commit
    max_replicas            = 3        # fewer than min_replicas
    smoke_digest            = "latest" # not a digest
    service_digest          = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
    database_sku            = "B_Standard_B2s"
    database_version        = "16"
    database_password_login = true
    min_replicas            = 4
  }

  expect_failures = [
    var.database_high_availability,
    var.database_cluster_size,
    var.database_administrator_password,
    var.database_groups,
    var.commit,
    var.max_replicas,
    var.smoke_digest,
  ]
}

run "nearly_valid_values_are_refused" {
  command = plan

  variables {
    address_space                   = "10.20.0.0/24" # too small
    ingress_allowed_from            = { all = "0.0.0.0/0" }
    database_administrator_password = "short"
    service_digest                  = "sha256:2222"
    database_cluster_size           = 21
    alert_contacts                  = ["oncall"]
    max_replicas                    = 301
    database_password_login         = true
  }

  expect_failures = [
    var.address_space,
    var.ingress_allowed_from,
    var.database_administrator_password,
    var.service_digest,
    var.database_cluster_size,
    var.alert_contacts,
    var.max_replicas,
  ]
}

run "a_service_before_its_database_is_refused" {
  command = plan

  variables {
    migrations_digest = null
    service_digest    = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
  }

  expect_failures = [
    var.service_digest,
  ]
}

run "smoke_features_without_a_service_are_refused" {
  command = plan

  variables {
    smoke_digest = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
  }

  expect_failures = [
    var.smoke_digest,
  ]
}

run "a_network_with_host_bits_is_refused" {
  command = plan

  variables {
    address_space = "10.20.1.0/22"
  }

  expect_failures = [
    var.address_space,
  ]
}

run "an_unknown_standby_mode_and_cluster_size_are_refused" {
  command = plan

  variables {
    database_high_availability = "Always"
    database_cluster_size      = 0
  }

  expect_failures = [
    var.database_high_availability,
    var.database_cluster_size,
  ]
}

# The rules for replicas name the size and the cluster too: where those are refused,
# Terraform does not say what it thinks of the replicas.
run "more_than_five_replicas_are_refused" {
  command = plan

  variables {
    database_read_replicas = 6
  }

  expect_failures = [
    var.database_read_replicas,
  ]
}

run "fewer_than_no_replicas_are_refused" {
  command = plan

  variables {
    database_read_replicas = -1
  }

  expect_failures = [
    var.database_read_replicas,
  ]
}

run "half_a_replica_is_refused" {
  command = plan

  variables {
    database_read_replicas = 0.5
  }

  expect_failures = [
    var.database_read_replicas,
  ]
}

run "a_replica_of_a_burstable_server_is_refused" {
  command = plan

  variables {
    database_sku               = "B_Standard_B2s"
    database_high_availability = null
    database_read_replicas     = 1
  }

  expect_failures = [
    var.database_read_replicas,
  ]
}

run "two_replicas_of_a_cluster_are_refused" {
  command = plan

  variables {
    database_cluster_size  = 3
    database_read_replicas = 2
  }

  expect_failures = [
    var.database_read_replicas,
  ]
}
