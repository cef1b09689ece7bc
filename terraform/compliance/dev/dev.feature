@noskip
Feature: The development environment is cheap
  It is as closed as production, since the features in app apply to both. Only its
  cost differs.

  Scenario: The service scales to zero
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain min_replicas
    And its value must be 0

  Scenario: Its database is small
    Given I have azurerm_postgresql_flexible_server defined
    Then it must contain sku_name
    And its value must match the "^B_Standard_.+$" regex

  Scenario: Its database has no standby
    Given I have azurerm_postgresql_flexible_server defined
    Then it must not contain high_availability

  Scenario: Its logs have a daily limit
    Given I have azurerm_log_analytics_workspace defined
    Then it must contain daily_quota_gb
    And its value must be 1

  Scenario: There is an identity for each program, the job seed included
    Given I have azurerm_user_assigned_identity defined
    When I count them
    Then I expect the result is equal to 5

  Scenario: A job imports the first data, as a login that may import and no more
    Given I have azurerm_container_app_job defined
    When its name is "^job-.+-seed$" regex
    Then it must contain template
    Then it must contain container
    Then it must contain env
    When its name is DATABASE_URL
    Then it must contain value
    And its value must match the "^postgres://rates_seed@.+$" regex

  Scenario: Nothing is locked
    Given I have any resource defined
    Then its type property must not be azurerm_management_lock
