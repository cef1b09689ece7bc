# Jobs run within the network, started by hand or by a workflow:
#   az containerapp job start --name NAME --resource-group GROUP

# Azure wants a job's image to exist when it creates the job, and the registry
# starts empty.
locals {
  images_are_there = var.migrations_digest != null
}

# Creates the logins of programs and people. Run it after the first apply, and
# again when an identity, a group or principals.sql has changed; it is
# idempotent.
resource "azurerm_container_app_job" "principals" {
  count = local.images_are_there ? 1 : 0

  name                         = "job-${local.name}-principals"
  resource_group_name          = local.group
  location                     = local.location
  container_app_environment_id = azurerm_container_app_environment.this.id
  workload_profile_name        = "Consumption"
  replica_timeout_in_seconds   = 300
  replica_retry_limit          = 0
  tags                         = local.tags

  manual_trigger_config {
    parallelism              = 1
    replica_completion_count = 1
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.this["principals"].id]
  }

  registry {
    server   = azurerm_container_registry.this.login_server
    identity = azurerm_user_assigned_identity.this["principals"].id
  }

  template {
    container {
      name    = "principals"
      image   = "${azurerm_container_registry.this.login_server}/postgres@${var.postgres_digest}"
      command = ["bash", "-c", file("${path.module}/principals/run.sh")]
      cpu     = 0.25
      memory  = "0.5Gi"

      dynamic "env" {
        for_each = {
          AZURE_CLIENT_ID   = azurerm_user_assigned_identity.this["principals"].client_id
          LOADERS_ID        = var.database_groups.loaders.object_id
          MIGRATE_ID        = azurerm_user_assigned_identity.this["migrate"].principal_id
          PGHOST            = local.database_host
          PGUSER            = azurerm_user_assigned_identity.this["principals"].name
          PRINCIPALS_SQL    = file("${path.module}/principals/principals.sql")
          READERS_ID        = var.database_groups.readers.object_id
          ROOT_CERTIFICATES = file("${path.module}/principals/roots.pem")
          SEED_ID           = var.seed ? azurerm_user_assigned_identity.this["seed"].principal_id : ""
          SERVICE_ID        = azurerm_user_assigned_identity.this["service"].principal_id
        }

        content {
          name  = env.key
          value = env.value
        }
      }
    }
  }

  depends_on = [
    azurerm_postgresql_flexible_server_active_directory_administrator.principals,
    azurerm_postgresql_flexible_server_configuration.this,
    azurerm_private_endpoint.registry,
    azurerm_role_assignment.pull,
  ]
}

resource "azurerm_container_app_job" "migrate" {
  count = local.images_are_there ? 1 : 0

  name                         = "job-${local.name}-migrate"
  resource_group_name          = local.group
  location                     = local.location
  container_app_environment_id = azurerm_container_app_environment.this.id
  workload_profile_name        = "Consumption"
  replica_timeout_in_seconds   = 1800
  replica_retry_limit          = 0 # a failed migration needs a person, not a retry
  tags                         = local.tags

  manual_trigger_config {
    parallelism              = 1
    replica_completion_count = 1
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.this["migrate"].id]
  }

  registry {
    server   = azurerm_container_registry.this.login_server
    identity = azurerm_user_assigned_identity.this["migrate"].id
  }

  template {
    container {
      name   = "migrate"
      image  = "${local.image}@${var.migrations_digest}"
      args   = concat(["migrate"], var.migrations_version == null ? [] : ["--to", tostring(var.migrations_version)])
      cpu    = 0.5
      memory = "1Gi"

      env {
        name  = "DATABASE_URL"
        value = "postgres://rates_migrate@${local.database_host}:5432/${local.database}?${local.database_query}"
      }

      env {
        name  = "RATES_DATABASE_LOGIN"
        value = "azure"
      }

      env {
        name  = "AZURE_CLIENT_ID"
        value = azurerm_user_assigned_identity.this["migrate"].client_id
      }
    }
  }

  depends_on = [
    azurerm_private_endpoint.registry,
    azurerm_role_assignment.pull,
  ]
}

# Imports the sample of the image into a database without data; otherwise it changes
# nothing.
resource "azurerm_container_app_job" "seed" {
  count = var.seed && local.images_are_there ? 1 : 0

  name                         = "job-${local.name}-seed"
  resource_group_name          = local.group
  location                     = local.location
  container_app_environment_id = azurerm_container_app_environment.this.id
  workload_profile_name        = "Consumption"
  replica_timeout_in_seconds   = 900
  replica_retry_limit          = 0
  tags                         = local.tags

  manual_trigger_config {
    parallelism              = 1
    replica_completion_count = 1
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.this["seed"].id]
  }

  registry {
    server   = azurerm_container_registry.this.login_server
    identity = azurerm_user_assigned_identity.this["seed"].id
  }

  template {
    container {
      name   = "seed"
      image  = "${local.image}@${var.migrations_digest}"
      args   = ["import", "--sample"]
      cpu    = 0.5
      memory = "1Gi"

      env {
        name  = "DATABASE_URL"
        value = "postgres://rates_seed@${local.database_host}:5432/${local.database}?${local.database_query}"
      }

      env {
        name  = "RATES_DATABASE_LOGIN"
        value = "azure"
      }

      env {
        name  = "AZURE_CLIENT_ID"
        value = azurerm_user_assigned_identity.this["seed"].client_id
      }
    }
  }

  depends_on = [
    azurerm_private_endpoint.registry,
    azurerm_role_assignment.pull,
  ]
}

# Runs the smoke features from within the network.
resource "azurerm_container_app_job" "smoke" {
  count = var.smoke_digest == null ? 0 : 1

  name                         = "job-${local.name}-smoke"
  resource_group_name          = local.group
  location                     = local.location
  container_app_environment_id = azurerm_container_app_environment.this.id
  workload_profile_name        = "Consumption"
  replica_timeout_in_seconds   = 600
  replica_retry_limit          = 0
  tags                         = local.tags

  manual_trigger_config {
    parallelism              = 1
    replica_completion_count = 1
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.this["smoke"].id]
  }

  registry {
    server   = azurerm_container_registry.this.login_server
    identity = azurerm_user_assigned_identity.this["smoke"].id
  }

  template {
    container {
      name   = "smoke"
      image  = "${azurerm_container_registry.this.login_server}/rates-smoke@${var.smoke_digest}"
      cpu    = 0.5
      memory = "1Gi"

      env {
        name  = "BASE_URL"
        value = local.url
      }
    }
  }

  depends_on = [
    azurerm_private_endpoint.registry,
    azurerm_role_assignment.pull,
  ]
}
