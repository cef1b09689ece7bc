@noskip
Feature: No secret enters the state
  A reader of the state learns no credentials.

  Scenario: The administrator's password is not stored
    Given I have azurerm_postgresql_flexible_server defined
    Then it must contain administrator_password
    And its value must be null

  Scenario: Terraform writes no secrets to the vault
    Given I have any resource defined
    Then its type property must not be azurerm_key_vault_(secret|key|certificate)

  Scenario Outline: Programs get no secrets
    Given I have <program> defined
    Then it must not contain secret

    Examples:
      | program                   |
      | azurerm_container_app     |
      | azurerm_container_app_job |

  Scenario Outline: No address of a database holds a password
    Given I have <program> defined
    Then it must contain template
    Then it must contain container
    Then it must contain env
    Then it must contain value
    And its value must not match the "^[a-z]+://[^/@]*:[^/@]+@.*$" regex

    Examples:
      | program                   |
      | azurerm_container_app     |
      | azurerm_container_app_job |

  Scenario Outline: Programs log in to the database with tokens
    Given I have <program> defined
    Then it must contain template
    Then it must contain container
    Then it must contain env
    Then it must contain value
    And its value must not match the "^(url|file)$" regex

    Examples:
      | program                   |
      | azurerm_container_app     |
      | azurerm_container_app_job |

  Scenario Outline: Deleted secrets can be restored and not purged
    Given I have azurerm_key_vault defined
    Then it must contain <property>
    And its value must be <value>

    Examples:
      | property                   | value |
      | purge_protection_enabled   | true  |
      | soft_delete_retention_days | 90    |

  Scenario: The vault denies access by default
    Given I have azurerm_key_vault defined
    Then it must contain network_acls
    Then it must contain default_action
    And its value must be Deny
