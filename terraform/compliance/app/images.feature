@noskip
Feature: The images that run are those that were built
  An image is referenced by its digest, because a tag can be moved.

  Scenario Outline: Images come from our own registry, by digest
    Given I have <program> defined
    Then it must contain template
    Then it must contain container
    Then it must contain image
    And its value must match the "^[a-z0-9]+\.azurecr\.io/[a-z-]+@sha256:[0-9a-f]{64}$" regex

    Examples:
      | program                   |
      | azurerm_container_app     |
      | azurerm_container_app_job |

  Scenario Outline: The registry is closed to other tenants and the public
    Given I have azurerm_container_registry defined
    Then it must contain <property>
    And its value must be <value>

    Examples:
      | property                 | value   |
      | sku                      | Premium |
      | export_policy_enabled    | false   |
      | data_endpoint_enabled    | true    |
      | retention_policy_in_days | 30      |
