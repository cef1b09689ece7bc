@noskip
Feature: The subscription has budgets and an activity log

  Scenario: Each environment has a budget
    Given I have azurerm_consumption_budget_resource_group defined
    Then it must contain amount
    And its value must be greater than 0

  Scenario Outline: A warning comes before a budget is used up
    Given I have azurerm_consumption_budget_resource_group defined
    When its name is <budget>
    Then it must contain notification
    Then it must contain threshold_type
    And any of its values must match the "^Forecasted$" regex

    Examples:
      | budget            |
      | budget-rates-dev  |
      | budget-rates-prod |

  Scenario: Budget warnings have a recipient
    Given I have azurerm_consumption_budget_resource_group defined
    Then it must contain notification
    Then it must contain contact_emails
    And its value must match the "^[^@]+@[^@]+$" regex

  Scenario Outline: Access to a state and changes of the subscription are logged
    Given I have azurerm_monitor_diagnostic_setting defined
    When its target_resource_id is "<what>" regex
    Then it must contain enabled_log
    Then it must contain category
    And any of its values must match the "^<log>$" regex

    Examples:
      | what                                    | log            |
      | ^.+/blobServices/default$               | StorageRead    |
      | ^.+/blobServices/default$               | StorageWrite   |
      | ^.+/blobServices/default$               | StorageDelete  |
      | ^/subscriptions/[^/]+$                  | Administrative |
      | ^/subscriptions/[^/]+$                  | Security       |
      | ^/subscriptions/[^/]+$                  | Policy         |

  Scenario: The logs are kept for a year
    Given I have azurerm_log_analytics_workspace defined
    Then it must contain retention_in_days
    And its value must be greater than 364

  Scenario: The log workspace accepts no keys
    Given I have azurerm_log_analytics_workspace defined
    Then it must contain local_authentication_enabled
    And its value must be false

  Scenario Outline: Every resource except saved searches has the tags
    Given I have resource that supports tags defined
    When its type is not azurerm_log_analytics_saved_search
    Then it must contain tags
    Then it must contain <tag>
    And its value must match the "<value>" regex

    Examples:
      | tag         | value                 |
      | application | ^rates$               |
      | managed_by  | ^terraform/bootstrap$ |
      | owner       | ^[^@]+@[^@]+$         |
