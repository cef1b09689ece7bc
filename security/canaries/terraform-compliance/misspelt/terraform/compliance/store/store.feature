@noskip
Feature: Stores are safe

  Scenrio: Every store is encrypted
    Given I have terraform_data defined
    Then it must contain encrypted
    And its value must be true
