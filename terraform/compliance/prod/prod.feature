@noskip
Feature: Production survives failures
  The loss of a zone interrupts nothing, the loss of a region loses no data, and
  data cannot be removed by mistake.

  Scenario Outline: It survives the loss of a zone
    Given I have <resource> defined
    Then it must contain <property>
    And its value must be <value>

    Examples:
      | resource                           | property                | value         |
      | azurerm_container_app_environment  | zone_redundancy_enabled | true          |
      | azurerm_container_registry         | zone_redundancy_enabled | true          |

  Scenario: The database has a standby in another zone
    Given I have azurerm_postgresql_flexible_server defined
    When its name is "^psql-rates-prod-[a-z0-9]+$" regex
    Then it must contain high_availability
    Then it must contain mode
    And its value must be ZoneRedundant

  Scenario: There is a replica in each of three zones
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain min_replicas
    And its value must be greater than 2

  Scenario Outline: Data can be restored
    Given I have azurerm_postgresql_flexible_server defined
    When its name is "^psql-rates-prod-[a-z0-9]+$" regex
    Then it must contain <property>
    And its value must be <value>

    Examples:
      | property                     | value |
      | backup_retention_days        | 35    |
      | geo_redundant_backup_enabled | true  |

  Scenario Outline: Resources with data cannot be removed by mistake
    Given I have azurerm_management_lock defined
    When its scope is "<what>" regex
    Then it must contain lock_level
    And its value must be CanNotDelete

    Examples:
      | what                   |
      | ^.+/flexibleServers/.+$ |
      | ^.+/registries/.+$     |
      | ^.+/vaults/.+$         |
      | ^.+/workspaces/.+$     |

  Scenario: The audit trail is kept for a year
    Given I have azurerm_log_analytics_workspace defined
    Then it must contain retention_in_days
    And its value must be greater than 364

  Scenario: No limit drops audit records
    Given I have azurerm_log_analytics_workspace defined
    Then it must contain daily_quota_gb
    And its value must be -1

  Scenario: The service is probed from three locations outside
    Given I have azurerm_application_insights_standard_web_test defined
    Then it must contain geo_locations
    When I count them
    Then I expect the result is equal to 3

  Scenario Outline: The probes check that the service is ready
    Given I have azurerm_application_insights_standard_web_test defined
    Then it must contain <part>
    Then it must contain <property>
    And its value must match the "<value>" regex

    Examples:
      | part             | property          | value                |
      | request          | url               | ^https://.+/readyz$  |
      | validation_rules | ssl_check_enabled | ^True$               |

  Scenario: An unreachable service raises an alert
    Given I have azurerm_monitor_metric_alert defined
    When its name is "^alert-.+-availability$" regex
    Then it must contain action
    Then it must contain action_group_id
    And its value must match the "^/subscriptions/.+/actionGroups/.+$" regex

  Scenario: The probes accept no keys
    Given I have azurerm_application_insights defined
    Then it must contain local_authentication_enabled
    And its value must be false

  Scenario Outline: There is no job seed, whose prices are invented
    Given I have <resource> defined
    When I count them
    Then I expect the result is equal to <number>

    Examples:
      | resource                       | number |
      | azurerm_user_assigned_identity | 4      |
      | azurerm_container_app_job      | 2      |
