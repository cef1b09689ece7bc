terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }
  }

  # terraform/bootstrap prints the rest: terraform output app_backends.
  backend "azurerm" {
    use_azuread_auth = true
  }
}

provider "azurerm" {
  # terraform/bootstrap registers them; the identity that applies this root may
  # not.
  resource_provider_registrations = "none"
  storage_use_azuread             = true

  features {
    # A destroyed vault keeps its name for 90 days and is recovered when the
    # environment is created again.
    key_vault {
      recover_soft_deleted_key_vaults = true
      purge_soft_delete_on_destroy    = false
    }

    # A static server parameter does nothing until the server restarts.
    postgresql_flexible_server {
      restart_server_on_configuration_value_change = true
    }
  }
}
