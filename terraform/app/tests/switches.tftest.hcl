# Plans with every switch on, and with every switch off. The policy judges them
# (terraform/compliance/plans.yaml), so that it sees each resource and each block.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment   = "dev"
  address_space = "10.20.0.0/22"
}

run "every_switch_is_on" {
  command = plan

  variables {
    public_ingress                  = true
    ingress_allowed_from            = { office = "203.0.113.0/24" }
    database_cluster_size           = 3
    database_password_login         = true
    database_administrator_password = "not-a-real-password-but-long"
    migrations_version              = 2
    service_digest                  = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
    smoke_digest                    = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
    commit                          = "4444444444444444444444444444444444444444"
  }

  assert {
    condition     = length(azurerm_container_app_job.smoke) == 1 && length(azurerm_container_app.rates[0].secret) == 1 && length(azurerm_postgresql_flexible_server.this.cluster) == 1
    error_message = "With every switch on, every optional resource and block must exist."
  }
}

run "every_switch_is_off" {
  command = plan

  variables {
    public_ingress    = false
    migrations_digest = null
  }

  assert {
    condition     = length(azurerm_container_app.rates) == 0 && length(azurerm_container_app_job.migrate) == 0 && length(azurerm_private_dns_zone.apps) == 1
    error_message = "With every switch off, there must be no service and no job, and only private addresses."
  }
}
