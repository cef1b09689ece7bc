terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }
  }

  # `terraform output -raw backend` prints the location of the state;
  # docs/deploy.md says how the first state gets there.
  backend "azurerm" {
    use_azuread_auth = true
  }
}

provider "azurerm" {
  # Without shared keys the provider must use an Entra token for storage.
  storage_use_azuread             = true
  resource_provider_registrations = "none"
  resource_providers_to_register  = local.resource_providers

  features {
    resource_group {
      prevent_deletion_if_contains_resources = true
    }

    # The management plane only, which also reaches a private account.
    storage {
      data_plane_available = false
    }
  }
}
