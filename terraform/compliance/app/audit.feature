@noskip
Feature: Every action is logged
  With its author, and where the author cannot remove it.

  Scenario Outline: The database audits changes of data, tables and roles
    Given I have azurerm_postgresql_flexible_server_configuration defined
    When its name is <setting>
    Then it must contain value
    And its value must match the "<value>" regex

    Examples:
      | setting                      | value                    |
      | azure.extensions             | ^(.+,)?PGAUDIT(,.+)?$    |
      | shared_preload_libraries     | ^(.+,)?pgaudit(,.+)?$    |
      | pgaudit.log                  | ^WRITE,DDL,ROLE$         |
      | pgaudit.role                 | ^rates_reader$           |
      | pgaudit.log_catalog          | ^off$                    |
      | pgaudit.log_client           | ^off$                    |
      | pgaudit.log_parameter        | ^off$                    |
      | pgaudit.log_relation         | ^on$                     |
      | pgaudit.log_statement_once   | ^off$                    |
      | log_connections              | ^on$                     |
      | log_disconnections           | ^on$                     |
      | log_checkpoints              | ^on$                     |
      | log_statement                | ^none$                   |
      | log_line_prefix              | ^.*user=%u,db=%d,session=%c,sess_time=%s$ |

  Scenario Outline: Every resource with logs sends them to the workspace
    Given I have azurerm_monitor_diagnostic_setting defined
    When its target_resource_id is "<what>" regex
    Then it must contain log_analytics_workspace_id
    And its value must match the "^/subscriptions/.+/workspaces/.+$" regex

    Examples:
      | what                       |
      | ^.+/flexibleServers/.+$    |
      | ^.+/managedEnvironments/.+$ |
      | ^.+/registries/.+$         |
      | ^.+/vaults/.+$             |
      | ^.+/virtualNetworks/.+$    |
      | ^.+/networkSecurityGroups/.+$ |
      | ^.+/workspaces/.+$         |

  Scenario: The database's own log goes to the workspace
    Given I have azurerm_monitor_diagnostic_setting defined
    When its target_resource_id is "^.+/flexibleServers/.+$" regex
    Then it must contain enabled_log
    Then it must contain category
    And any of its values must match the "^PostgreSQLLogs$" regex

  Scenario: The programs' logs reach the workspace without its key
    Given I have azurerm_container_app_environment defined
    Then it must contain logs_destination
    And its value must be azure-monitor

  Scenario Outline: There are saved searches for who did what
    Given I have azurerm_log_analytics_saved_search defined
    When its name is <search>
    Then it must contain query
    And its value must match the "^(.|\n)*\S" regex

    Examples:
      | search            |
      | who-did-what      |
      | who-signed-in     |
      | who-was-refused   |
      | who-changed-roles |
      | who-read-secrets  |
