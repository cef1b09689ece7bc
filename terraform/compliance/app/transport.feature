@noskip
Feature: Nothing travels in the clear

  Scenario: The service is asked by TLS alone
    Given I have azurerm_container_app defined
    Then it must contain ingress
    Then it must contain allow_insecure_connections
    And its value must be false

  Scenario Outline: The database demands TLS, 1.2 at least
    Given I have azurerm_postgresql_flexible_server_configuration defined
    When its name is <setting>
    Then it must contain value
    And its value must be <value>

    Examples:
      | setting                  | value   |
      | require_secure_transport | on      |
      | ssl_min_protocol_version | TLSv1.2 |

  Scenario: The programs check that it is the database that answers
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain container
    Then it must contain env
    When its name is DATABASE_URL
    Then it must contain value
    And its value must match the "^postgres://[a-z_]+@.+\?sslmode=verify-full$" regex
