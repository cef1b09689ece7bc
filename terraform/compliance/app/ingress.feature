@noskip
Feature: The internet reaches the service and nothing else
  It holds for a service that is public.

  Scenario: Only requests to the service come from the internet
    Given I have azurerm_network_security_group defined
    Then it must contain security_rule
    When its source_address_prefix is Internet
    Then it must contain destination_port_ranges
    And its value must match the "^(443|31443)$" regex
