@noskip
Feature: Every resource has tags

  Scenario Outline: Every resource except saved searches has the tags
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
