@noskip
Feature: Deployments have minimal rights and no secret
  A workflow exchanges the token that GitHub gives it, so nothing can be stolen.

  Scenario: Only GitHub's tokens are accepted
    Given I have azurerm_federated_identity_credential defined
    Then it must contain issuer
    And its value must be https://token.actions.githubusercontent.com

  Scenario: A workflow is trusted by ids that nobody else can get, in a given environment
    Given I have azurerm_federated_identity_credential defined
    Then it must contain subject
    And its value must match the "^repo:[^@:/*]+@[0-9]+/[^@:/*]+@[0-9]+:environment:(dev|prod)(-plan)?$" regex

  Scenario: Each environment has one identity to plan and one to apply
    Given I have azurerm_user_assigned_identity defined
    When I count them
    Then I expect the result is equal to 4

  Scenario: No identity has a role that allows everything
    Given I have azurerm_role_assignment defined
    When it has role_definition_name
    Then it must contain role_definition_name
    And its value must match the "^(Reader|Contributor|Role Based Access Control Administrator|Storage Blob Data Reader|Storage Blob Data Contributor)$" regex

  Scenario: Roles are limited to a resource group
    Given I have azurerm_role_assignment defined
    When it has role_definition_name
    Then it must contain scope
    And its value must match the "^/subscriptions/[^/]+/resourceGroups/.+$" regex

  Scenario: Only a few roles can be assigned, and only to programs
    Given I have azurerm_role_assignment defined
    When its role_definition_name is "^Role Based Access Control Administrator$" regex
    Then it must contain condition
    And its value must match the "^.*RoleDefinitionId\] ForAnyOfAnyValues:GuidEquals \{[0-9a-f, -]+\}.*PrincipalType\] ForAnyOfAnyValues:StringEqualsIgnoreCase \{.ServicePrincipal.\}.*$" regex

  Scenario: Custom roles list each action
    Given I have azurerm_role_definition defined
    Then it must contain permissions
    Then it must contain actions
    And its value must not match the "^.*\*.*$" regex
