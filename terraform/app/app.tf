locals {
  app_name       = "ca-${local.name}"
  url            = "https://${local.app_name}.${azurerm_container_app_environment.this.default_domain}"
  image          = "${azurerm_container_registry.this.login_server}/rates"
  database_host  = azurerm_postgresql_flexible_server.this.fqdn
  port           = 3000
  drain_delay    = 15 # seconds; longer than the ingress takes to stop routing here
  drain_timeout  = 15 # seconds
  database_query = "sslmode=verify-full"
  has_replicas   = var.database_read_replicas > 0

  # The service asks the replicas, where there are any, and watches the primary.
  service_urls = merge({
    database-url = {
      variable = "DATABASE_URL"
      hosts    = local.has_replicas ? azurerm_postgresql_flexible_server.replica[*].fqdn : [local.database_host]
      query    = local.has_replicas ? "${local.database_query}&load_balance_hosts=random" : local.database_query
    }
    }, local.has_replicas ? {
    watch-url = {
      variable = "RATES_WATCH_URL"
      hosts    = [local.database_host]
      query    = local.database_query
    }
  } : {})
}

resource "azurerm_container_app" "rates" {
  count = var.service_digest == null ? 0 : 1

  name                         = local.app_name
  resource_group_name          = local.group
  container_app_environment_id = azurerm_container_app_environment.this.id
  revision_mode                = "Single" # a new revision takes over when it is ready
  workload_profile_name        = "Consumption"
  max_inactive_revisions       = 5
  tags                         = local.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.this["service"].id]
  }

  registry {
    server   = azurerm_container_registry.this.login_server
    identity = azurerm_user_assigned_identity.this["service"].id
  }

  # A reference that Azure resolves; the value is never in the state.
  dynamic "secret" {
    for_each = var.database_password_login ? keys(local.service_urls) : []

    content {
      name                = secret.value
      identity            = azurerm_user_assigned_identity.this["service"].id
      key_vault_secret_id = "${azurerm_key_vault.this.vault_uri}secrets/${secret.value}"
    }
  }

  ingress {
    external_enabled           = true # beyond the environment: its network, and with public_ingress the internet
    target_port                = local.port
    transport                  = "auto"
    allow_insecure_connections = false

    traffic_weight {
      latest_revision = true
      percentage      = 100
    }

    dynamic "ip_security_restriction" {
      for_each = var.ingress_allowed_from

      content {
        name             = ip_security_restriction.key
        ip_address_range = ip_security_restriction.value
        action           = "Allow"
      }
    }
  }

  template {
    min_replicas                     = var.min_replicas
    max_replicas                     = var.max_replicas
    termination_grace_period_seconds = local.drain_delay + local.drain_timeout + 10

    http_scale_rule {
      name                = "requests"
      concurrent_requests = var.concurrent_requests
    }

    container {
      name   = "rates"
      image  = "${local.image}@${var.service_digest}"
      args   = ["serve"]
      cpu    = var.service_cpu
      memory = "${var.service_cpu * 2}Gi"

      dynamic "env" {
        for_each = local.service_urls

        content {
          name        = env.value.variable
          value       = var.database_password_login ? null : "postgres://rates_service@${join(",", [for host in env.value.hosts : "${host}:5432"])}/${local.database}?${env.value.query}"
          secret_name = var.database_password_login ? env.key : null
        }
      }

      env {
        name  = "RATES_DATABASE_LOGIN"
        value = var.database_password_login ? "url" : "azure"
      }

      # The identity whose tokens it logs in with.
      env {
        name  = "AZURE_CLIENT_ID"
        value = azurerm_user_assigned_identity.this["service"].client_id
      }

      env {
        name  = "RATES_DRAIN_DELAY"
        value = "${local.drain_delay}s"
      }

      env {
        name  = "RATES_DRAIN_TIMEOUT"
        value = "${local.drain_timeout}s"
      }

      # It listens once it has reached its database, which may take 30 s.
      startup_probe {
        transport               = "HTTP"
        path                    = "/healthz"
        port                    = local.port
        interval_seconds        = 2
        timeout                 = 2
        failure_count_threshold = 30
      }

      # Liveness only: a restart does not bring a database back.
      liveness_probe {
        transport               = "HTTP"
        path                    = "/healthz"
        port                    = local.port
        interval_seconds        = 10
        timeout                 = 5
        failure_count_threshold = 3
      }

      readiness_probe {
        transport               = "HTTP"
        path                    = "/readyz"
        port                    = local.port
        interval_seconds        = 5
        timeout                 = 5
        failure_count_threshold = 2
        success_count_threshold = 1
      }
    }
  }

  # Created after its dependencies and, above all, destroyed before them.
  depends_on = [
    azurerm_postgresql_flexible_server_database.rates,
    azurerm_private_endpoint.registry,
    azurerm_private_endpoint.vault,
    azurerm_role_assignment.pull,
    azurerm_role_assignment.service_reads_secrets,
    azurerm_subnet_network_security_group_association.apps,
  ]
}
