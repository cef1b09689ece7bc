terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }
  }

  # Where the state lies is written by `terraform output -raw backend`; the
  # README of this folder says how the first state gets there.
  backend "azurerm" {
    use_azuread_auth = true
  }
}

provider "azurerm" {
  # Without shared keys the provider must speak to storage with an Entra token.
  storage_use_azuread             = true
  resource_provider_registrations = "none"
  resource_providers_to_register  = local.resource_providers

  features {
    resource_group {
      prevent_deletion_if_contains_resources = true
    }

    # Azure's management alone, which reaches an account that is private too.
    storage {
      data_plane_available = false
    }
  }
}
