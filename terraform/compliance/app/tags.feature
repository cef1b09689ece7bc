@noskip
Feature: Everything says what it is and whose it is

  Scenario Outline: Everything that can have tags has these, saved searches apart
    Given I have resource that supports tags defined
    When its type is not azurerm_log_analytics_saved_search
    Then it must contain tags
    Then it must contain <tag>
    And its value must match the "<value>" regex

    Examples:
      | tag         | value           |
      | application | ^rates$         |
      | environment | ^(dev\|prod)$   |
      | managed_by  | ^terraform/app$ |
      | owner       | ^[^@]+@[^@]+$   |
