# Each invalid value is refused by its variable. A run gives each variable one such
# value and passes only if all of them are refused.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

run "invalid_values_are_refused" {
  command = plan

  variables {
    location        = "West Europe"
    name_suffix     = "acmeacme1"
    owner           = "the platform team"
    environments    = { staging = { monthly_budget = 10 } }
    budget_start    = "2026-09-15T00:00:00Z" # not the first
    budget_contacts = []
    github = {
      owner         = "acme"
      owner_id      = 1234567
      repository    = "acme/rates"
      repository_id = 7654321
    }
    administrators_group_id = "administrators"
    runners_subnet_id       = "runners"
  }

  expect_failures = [
    var.location,
    var.name_suffix,
    var.owner,
    var.environments,
    var.budget_start,
    var.budget_contacts,
    var.github,
    var.administrators_group_id,
    var.runners_subnet_id,
  ]
}

run "nearly_valid_values_are_refused" {
  command = plan

  variables {
    environments = { dev = { monthly_budget = 0 } }
    github = {
      owner         = "acme"
      owner_id      = 0
      repository    = "rates"
      repository_id = 7654321
    }
    state_reachable_from = ["10.0.0.0/24"] # private
    budget_contacts      = ["platform"]
  }

  expect_failures = [
    var.environments,
    var.github,
    var.state_reachable_from,
    var.budget_contacts,
  ]
}

run "a_range_that_azure_refuses_is_refused" {
  command = plan

  variables {
    state_reachable_from = ["203.0.113.7/32"]
  }

  expect_failures = [
    var.state_reachable_from,
  ]
}

run "an_unreachable_state_is_refused" {
  command = plan

  variables {
    state_reachable_from = []
  }

  expect_failures = [
    var.state_reachable_from,
  ]
}

run "a_state_open_to_everyone_is_refused" {
  command = plan

  variables {
    state_reachable_from = ["0.0.0.0/0"]
  }

  expect_failures = [
    var.state_reachable_from,
  ]
}
