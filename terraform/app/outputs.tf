output "url" {
  description = "Address of the service; null until service_digest is set."
  value       = var.service_digest == null ? null : local.url
}

output "resource_group_name" {
  description = "Resource group of the environment."
  value       = local.group
}

output "registry" {
  description = "Registry to import images into: az acr import --name NAME --source IMAGE@DIGEST --image rates:VERSION."
  value = {
    name         = azurerm_container_registry.this.name
    login_server = azurerm_container_registry.this.login_server
  }
}

output "postgres_image" {
  description = "Image that the job principals takes psql from, to import as postgres."
  value       = "docker.io/library/postgres@${var.postgres_digest}"
}

output "deployed" {
  description = "What was applied last: the next deployment, the way back and the check for drift start from it."
  value = {
    commit             = var.commit
    migrations_digest  = var.migrations_digest
    migrations_version = var.migrations_version
    service_digest     = var.service_digest
    smoke_digest       = var.smoke_digest
  }
}

output "jobs" {
  description = "Names of the jobs to start with az containerapp job start; null until their images are named, and for seed without the variable seed."
  value = {
    principals = one(azurerm_container_app_job.principals[*].name)
    migrate    = one(azurerm_container_app_job.migrate[*].name)
    seed       = one(azurerm_container_app_job.seed[*].name)
    smoke      = one(azurerm_container_app_job.smoke[*].name)
  }
}

output "database" {
  description = "Address of the database, and of its read replicas, for people on a network that reaches them."
  value = {
    host     = local.database_host
    name     = local.database
    replicas = azurerm_postgresql_flexible_server.replica[*].fqdn
  }
}

output "key_vault_uri" {
  description = "The environment's key vault."
  value       = azurerm_key_vault.this.vault_uri
}

output "log_workspace_id" {
  description = "Workspace of the logs and of the saved searches, for az monitor log-analytics query --workspace."
  value       = azurerm_log_analytics_workspace.this.workspace_id
}
