@noskip
Feature: The state is safe
  It describes the environments in full. Only given people and programs reach it,
  from given addresses, and it cannot be lost.

  Scenario Outline: It accepts only Entra
    Given I have azurerm_storage_account defined
    Then it must contain <property>
    And its value must be <value>

    Examples:
      | property                         | value  |
      | shared_access_key_enabled        | false  |
      | default_to_oauth_authentication  | true   |
      | local_user_enabled               | false  |
      | allow_nested_items_to_be_public  | false  |
      | cross_tenant_replication_enabled | false  |

  Scenario: Its containers are private
    Given I have azurerm_storage_container defined
    Then it must contain container_access_type
    And its value must be private

  Scenario: Each environment has its own container
    Given I have azurerm_storage_container defined
    When I count them
    Then I expect the result is equal to 3

  Scenario: It is behind a firewall
    Given I have azurerm_storage_account defined
    Then it must contain network_rules
    Then it must contain default_action
    And its value must be Deny

  Scenario: The firewall admits no range that covers everyone
    Given I have azurerm_storage_account defined
    Then it must contain network_rules
    Then it must contain ip_rules
    And its value must not match the "^(\*|0\.0\.0\.0.*|.*/([0-9]|1[0-5]))$" regex

  Scenario Outline: It is encrypted in transit and at rest
    Given I have azurerm_storage_account defined
    Then it must contain <property>
    And its value must be <value>

    Examples:
      | property                          | value  |
      | min_tls_version                   | TLS1_2 |
      | https_traffic_only_enabled        | true   |
      | infrastructure_encryption_enabled | true   |

  Scenario: Every version of it is kept
    Given I have azurerm_storage_account defined
    Then it must contain blob_properties
    Then it must contain versioning_enabled
    And its value must be true

  Scenario Outline: Deleted states can be restored
    Given I have azurerm_storage_account defined
    Then it must contain blob_properties
    Then it must contain <policy>
    Then it must contain days
    And its value must be greater than 29

    Examples:
      | policy                            |
      | delete_retention_policy           |
      | container_delete_retention_policy |

  Scenario: It survives the loss of a zone and of a region
    Given I have azurerm_storage_account defined
    Then it must contain account_replication_type
    And its value must be GZRS

  Scenario: It cannot be removed by mistake
    Given I have azurerm_management_lock defined
    When its scope is "^.+/storageAccounts/.+$" regex
    Then it must contain lock_level
    And its value must be CanNotDelete
