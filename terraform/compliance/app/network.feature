@noskip
Feature: The network is closed
  Only the service is reachable from outside. Everything else has private
  addresses, and each subnet admits only the traffic it needs.

  Scenario Outline: Data and images have no public address
    Given I have <resource> defined
    Then it must contain public_network_access_enabled
    And its value must be false

    Examples:
      | resource                           |
      | azurerm_postgresql_flexible_server |
      | azurerm_key_vault                  |
      | azurerm_container_registry         |

  Scenario: The database has its own subnet
    Given I have azurerm_postgresql_flexible_server defined
    Then it must contain delegated_subnet_id
    And its value must match the "^/subscriptions/.+/subnets/.+$" regex

  Scenario: The database has a private name
    Given I have azurerm_postgresql_flexible_server defined
    Then it must contain private_dns_zone_id
    And its value must match the "^.*\.postgres\.database\.azure\.com$" regex

  Scenario: The programs are in a subnet
    Given I have azurerm_container_app_environment defined
    Then it must contain infrastructure_subnet_id
    And its value must match the "^/subscriptions/.+/subnets/.+$" regex

  Scenario Outline: No rule admits every address
    Given I have azurerm_network_security_group defined
    Then it must contain security_rule
    When its access is Allow
    Then it must contain <addresses>
    And its value must not match the "^(\*|0\.0\.0\.0/0)$" regex

    Examples:
      | addresses               |
      | source_address_prefix   |
      | source_address_prefixes |

  Scenario Outline: No rule lets the programs reach the internet
    Given I have azurerm_network_security_group defined
    Then it must contain security_rule
    When its access is Allow
    Then it must contain <addresses>
    And its value must not match the "^(\*|Internet|0\.0\.0\.0/0)$" regex

    Examples:
      | addresses                    |
      | destination_address_prefix   |
      | destination_address_prefixes |

  Scenario: Each subnet has a network security group
    Given I have azurerm_subnet_network_security_group_association defined
    When I count them
    Then I expect the result is equal to 3

  Scenario Outline: Each subnet denies all other traffic
    Given I have azurerm_network_security_group defined
    When its name is <group>
    Then it must contain security_rule
    When its priority is 4096
    Then it must contain access
    And its value must be Deny

    Examples:
      | group                                |
      | "^nsg-rates-[a-z]+-apps$" regex      |
      | "^nsg-rates-[a-z]+-database$" regex  |
      | "^nsg-rates-[a-z]+-endpoints$" regex |

  Scenario: The subnet of the endpoints has no outbound access
    Given I have azurerm_subnet defined
    When its name is endpoints
    Then it must contain default_outbound_access_enabled
    And its value must be false
