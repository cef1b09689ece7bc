@noskip
Feature: Production survives what goes wrong
  The loss of a zone stops nothing, the loss of a region loses no data, and
  nobody removes what holds data by mistake.

  Scenario Outline: A zone may fail
    Given I have <resource> defined
    Then it must contain <property>
    And its value must be <value>

    Examples:
      | resource                           | property                | value         |
      | azurerm_container_app_environment  | zone_redundancy_enabled | true          |
      | azurerm_container_registry         | zone_redundancy_enabled | true          |

  Scenario: The database has a standby in another zone
    Given I have azurerm_postgresql_flexible_server defined
    Then it must contain high_availability
    Then it must contain mode
    And its value must be ZoneRedundant

  Scenario: There is a replica in each of three zones
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain min_replicas
    And its value must be greater than 2

  Scenario Outline: Data can be had back
    Given I have azurerm_postgresql_flexible_server defined
    Then it must contain <property>
    And its value must be <value>

    Examples:
      | property                     | value |
      | backup_retention_days        | 35    |
      | geo_redundant_backup_enabled | true  |

  Scenario Outline: What holds data cannot be removed by mistake
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

  Scenario: No audit record is dropped because there are many
    Given I have azurerm_log_analytics_workspace defined
    Then it must contain daily_quota_gb
    And its value must be -1

  Scenario: The service is asked from outside, in three places
    Given I have azurerm_application_insights_standard_web_test defined
    Then it must contain geo_locations
    When I count them
    Then I expect the result is equal to 3

  Scenario Outline: The watch from outside asks whether the service can answer
    Given I have azurerm_application_insights_standard_web_test defined
    Then it must contain <part>
    Then it must contain <property>
    And its value must match the "<value>" regex

    Examples:
      | part             | property          | value                |
      | request          | url               | ^https://.+/readyz$  |
      | validation_rules | ssl_check_enabled | ^True$               |

  Scenario: Somebody is woken when the service cannot be reached
    Given I have azurerm_monitor_metric_alert defined
    When its name is "^alert-.+-availability$" regex
    Then it must contain action
    Then it must contain action_group_id
    And its value must match the "^/subscriptions/.+/actionGroups/.+$" regex

  Scenario: The watch takes no keys
    Given I have azurerm_application_insights defined
    Then it must contain local_authentication_enabled
    And its value must be false
