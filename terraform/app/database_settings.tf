# Server parameters, in three steps: pgaudit must be allowed before it can be
# loaded, and loaded (which restarts the server) before its settings exist.
locals {
  # Audits every change, and every read of a table that rates_reader may read,
  # by any login: pgaudit.role audits what that role was granted. Statements are
  # logged without their parameters.
  audit_settings = {
    "pgaudit.log"                = "WRITE,DDL,ROLE"
    "pgaudit.role"               = "rates_reader"
    "pgaudit.log_catalog"        = "off"
    "pgaudit.log_client"         = "off"
    "pgaudit.log_parameter"      = "off"
    "pgaudit.log_relation"       = "on"
    "pgaudit.log_statement_once" = "off"
  }

  log_settings = {
    "log_connections"    = "on"
    "log_disconnections" = "on"
    "log_checkpoints"    = "on"
    "log_lock_waits"     = "on"
    # Any other value logs the passwords of CREATE ROLE; pgaudit does not.
    "log_statement" = "none"
    # With session and user, so that queries/who-did-what.kql can join an audit
    # record to the line that names the person.
    "log_line_prefix" = "%t-%c-user=%u,db=%d,session=%c,sess_time=%s"
  }

  safety_settings = {
    "require_secure_transport"   = "on"
    "ssl_min_protocol_version"   = "TLSv1.2"
    "connection_throttle.enable" = "on"
  }
}

resource "azurerm_postgresql_flexible_server_configuration" "extensions" {
  name      = "azure.extensions"
  server_id = azurerm_postgresql_flexible_server.this.id
  value     = "PGAUDIT"
}

resource "azurerm_postgresql_flexible_server_configuration" "libraries" {
  name      = "shared_preload_libraries"
  server_id = azurerm_postgresql_flexible_server.this.id
  value     = "pg_cron,pg_stat_statements,pgaudit" # the first two are Azure's own default

  depends_on = [azurerm_postgresql_flexible_server_configuration.extensions]
}

resource "azurerm_postgresql_flexible_server_configuration" "this" {
  for_each = merge(local.audit_settings, local.log_settings, local.safety_settings)

  name      = each.key
  server_id = azurerm_postgresql_flexible_server.this.id
  value     = each.value

  depends_on = [azurerm_postgresql_flexible_server_configuration.libraries]
}
