@noskip
Feature: Stores are safe

  Scenario: Every store is encrypted
    Given I have terraform_data defined
    When it has encrypted
