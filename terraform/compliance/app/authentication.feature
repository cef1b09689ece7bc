@noskip
Feature: Every login uses Entra
  Passwords and keys are switched off wherever a resource supports them.

  Scenario: The database accepts tokens of Entra
    Given I have azurerm_postgresql_flexible_server defined
    Then it must contain authentication
    Then it must contain active_directory_auth_enabled
    And its value must be true

  Scenario: The database accepts no passwords
    Given I have azurerm_postgresql_flexible_server defined
    Then it must contain authentication
    Then it must contain password_auth_enabled
    And its value must be false

  Scenario: People administer the database through a group, and a program creates the logins
    Given I have azurerm_postgresql_flexible_server_active_directory_administrator defined
    Then it must contain principal_type
    And its value must match the "^(Group|ServicePrincipal)$" regex

  Scenario Outline: No key and no built-in account gives access
    Given I have <resource> defined
    Then it must contain <property>
    And its value must be <value>

    Examples:
      | resource                        | property                     | value |
      | azurerm_container_registry      | admin_enabled                | false |
      | azurerm_container_registry      | anonymous_pull_enabled       | false |
      | azurerm_log_analytics_workspace | local_authentication_enabled | false |
      | azurerm_key_vault               | rbac_authorization_enabled   | true  |
