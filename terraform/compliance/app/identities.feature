@noskip
Feature: Each program has its own identity, with the rights for its work only
  No program has a password for Azure, and none shares its identity.

  Scenario Outline: The service and the jobs run as user-assigned identities
    Given I have <program> defined
    Then it must contain identity
    Then it must contain type
    And its value must be UserAssigned

    Examples:
      | program                   |
      | azurerm_container_app     |
      | azurerm_container_app_job |

  Scenario Outline: Images are pulled by identity, not by password
    Given I have <program> defined
    Then it must contain registry
    Then it must contain identity
    And its value must match the "^/subscriptions/.+/userAssignedIdentities/.+$" regex

    Examples:
      | program                   |
      | azurerm_container_app     |
      | azurerm_container_app_job |

  Scenario: The programs have only these roles
    Given I have azurerm_role_assignment defined
    Then it must contain role_definition_name
    And its value must match the "^(AcrPull|Key Vault Secrets User)$" regex

  Scenario: Every role is limited to one resource
    Given I have azurerm_role_assignment defined
    Then it must contain scope
    And its value must match the "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/.+$" regex

  Scenario: Roles are assigned to programs, not to people
    Given I have azurerm_role_assignment defined
    Then it must contain principal_type
    And its value must be ServicePrincipal
