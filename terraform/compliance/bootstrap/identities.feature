@noskip
Feature: Who deploys has the least rights that work, and no secret
  A workflow exchanges the token that GitHub gave it. There is nothing to steal.

  Scenario: Only GitHub's tokens are taken
    Given I have azurerm_federated_identity_credential defined
    Then it must contain issuer
    And its value must be https://token.actions.githubusercontent.com

  Scenario: A workflow is trusted by numbers that nobody else can get, in a named environment
    Given I have azurerm_federated_identity_credential defined
    Then it must contain subject
    And its value must match the "^repo:[^@:/*]+@[0-9]+/[^@:/*]+@[0-9]+:environment:(dev|prod)(-plan)?$" regex

  Scenario: To plan and to apply are two identities in each environment
    Given I have azurerm_user_assigned_identity defined
    When I count them
    Then I expect the result is equal to 4

  Scenario: Nobody has a role that could do everything
    Given I have azurerm_role_assignment defined
    When it has role_definition_name
    Then it must contain role_definition_name
    And its value must match the "^(Reader|Contributor|Role Based Access Control Administrator|Storage Blob Data Reader|Storage Blob Data Contributor)$" regex

  Scenario: Who applies works in a group, not in the subscription
    Given I have azurerm_role_assignment defined
    When it has role_definition_name
    Then it must contain scope
    And its value must match the "^/subscriptions/[^/]+/resourceGroups/.+$" regex

  Scenario: Who gives roles may give few of them, and to programs alone
    Given I have azurerm_role_assignment defined
    When its role_definition_name is "^Role Based Access Control Administrator$" regex
    Then it must contain condition
    And its value must match the "^.*RoleDefinitionId\] ForAnyOfAnyValues:GuidEquals \{[0-9a-f, -]+\}.*PrincipalType\] ForAnyOfAnyValues:StringEqualsIgnoreCase \{.ServicePrincipal.\}.*$" regex

  Scenario: Our own roles name each thing that they allow
    Given I have azurerm_role_definition defined
    Then it must contain permissions
    Then it must contain actions
    And its value must not match the "^.*\*.*$" regex
