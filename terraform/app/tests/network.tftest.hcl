# Nothing has a public address but the service, and that only where it is asked
# for.
mock_provider "azurerm" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment       = "dev"
  name_suffix       = "acme1"
  owner             = "platform@example.com"
  address_space     = "10.20.0.0/22"
  alert_contacts    = ["oncall@example.com"]
  migrations_digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
  service_digest    = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
  smoke_digest      = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
  database_groups = {
    administrators = { name = "rates database administrators", object_id = "00000000-0000-0000-0000-0000000000e1" }
    loaders        = { name = "rates database loaders", object_id = "00000000-0000-0000-0000-0000000000e2" }
    readers        = { name = "rates database readers", object_id = "00000000-0000-0000-0000-0000000000e3" }
  }
}

run "nothing_is_public_by_default" {
  command = plan

  assert {
    condition     = azurerm_container_app_environment.this.internal_load_balancer_enabled
    error_message = "The container environment has a public address without public_ingress."
  }

  assert {
    condition     = azurerm_container_app_environment.this.public_network_access == "Disabled"
    error_message = "The container environment takes traffic from the internet without public_ingress."
  }
}
