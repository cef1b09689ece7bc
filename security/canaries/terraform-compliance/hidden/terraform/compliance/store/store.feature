@noskip
Feature: Stores are safe

  Scenario: Every store is encrypted
    Given I have terraform_data defined
    Then it must contain encrypted
    And its value must be true

  Scenario Outline: Stores are there
    Given I have terraform_data defined
    When its index is <store>
    Then it must contain name
    And its value must be <store>

    Examples:
      | store   |
      | archive |
      | orders  |
