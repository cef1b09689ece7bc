# Each value that cannot be used is refused by the variable it was given to.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

run "a_region_by_its_long_name_is_refused" {
  command = plan

  variables {
    location = "West Europe"
  }

  expect_failures = [var.location]
}

run "a_suffix_that_is_too_long_is_refused" {
  command = plan

  variables {
    name_suffix = "acmeacme1"
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

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environments = { staging = { monthly_budget = 10 } }
  }

  expect_failures = [var.environments]
}

run "a_budget_of_nothing_is_refused" {
  command = plan

  variables {
    environments = { dev = { monthly_budget = 0 } }
  }

  expect_failures = [var.environments]
}

run "a_budget_from_the_middle_of_a_month_is_refused" {
  command = plan

  variables {
    budget_start = "2026-09-15T00:00:00Z"
  }

  expect_failures = [var.budget_start]
}

run "a_budget_for_nobody_is_refused" {
  command = plan

  variables {
    budget_contacts = []
  }

  expect_failures = [var.budget_contacts]
}

run "a_repository_with_its_owner_is_refused" {
  command = plan

  variables {
    github = {
      owner         = "acme"
      owner_id      = 1234567
      repository    = "acme/rates"
      repository_id = 7654321
    }
  }

  expect_failures = [var.github]
}

run "a_repository_without_its_number_is_refused" {
  command = plan

  variables {
    github = {
      owner         = "acme"
      owner_id      = 0
      repository    = "rates"
      repository_id = 7654321
    }
  }

  expect_failures = [var.github]
}

run "a_group_by_name_is_refused" {
  command = plan

  variables {
    administrators_group_id = "administrators"
  }

  expect_failures = [var.administrators_group_id]
}

run "a_state_for_everybody_is_refused" {
  command = plan

  variables {
    state_reachable_from = ["0.0.0.0/0"]
  }

  expect_failures = [var.state_reachable_from]
}

run "a_private_range_for_the_state_is_refused" {
  command = plan

  variables {
    state_reachable_from = ["10.0.0.0/24"]
  }

  expect_failures = [var.state_reachable_from]
}

run "a_range_that_azure_does_not_take_is_refused" {
  command = plan

  variables {
    state_reachable_from = ["203.0.113.7/32"]
  }

  expect_failures = [var.state_reachable_from]
}

run "a_state_for_nobody_is_refused" {
  command = plan

  variables {
    state_reachable_from = []
  }

  expect_failures = [var.state_reachable_from]
}

run "a_subnet_by_name_is_refused" {
  command = plan

  variables {
    runners_subnet_id = "runners"
  }

  expect_failures = [var.runners_subnet_id]
}
