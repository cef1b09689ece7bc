@noskip
Feature: Read replicas are watched and kept like the primary
  Their address, network, logins and encryption are in the features of app.

  Scenario: They follow a server
    Given I have azurerm_postgresql_flexible_server defined
    When its create_mode is Replica
    Then it must contain source_server_id
    And its value must match the "^/subscriptions/.+/flexibleServers/.+$" regex

  Scenario: They cannot be removed by mistake
    Given I have azurerm_management_lock defined
    When its scope is "^.+/flexibleServers/.+-replica-[0-9]$" regex
    Then it must contain lock_level
    And its value must be CanNotDelete

  Scenario: Their own logs go to the workspace
    Given I have azurerm_monitor_diagnostic_setting defined
    When its target_resource_id is "^.+/flexibleServers/.+-replica-[0-9]$" regex
    Then it must contain enabled_log
    Then it must contain category
    And any of its values must match the "^PostgreSQLLogs$" regex

  Scenario Outline: What they fail at raises an alert
    Given I have azurerm_monitor_metric_alert defined
    When its name is "<alert>" regex
    Then it must contain action
    Then it must contain action_group_id
    And its value must match the "^/subscriptions/.+/actionGroups/.+$" regex

    Examples:
      | alert                               |
      | ^alert-.+-database-replica-1-alive$   |
      | ^alert-.+-database-replica-1-storage$ |
      | ^alert-.+-database-replica-1-lag$     |

  Scenario: The service verifies the certificate of the primary that it watches
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain container
    Then it must contain env
    When its name is RATES_WATCH_URL
    Then it must contain value
    And its value must match the "^postgres://[a-z_]+@.+\?sslmode=verify-full$" regex
