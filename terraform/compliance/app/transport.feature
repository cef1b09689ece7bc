@noskip
Feature: All traffic is encrypted

  Scenario: The service accepts only TLS
    Given I have azurerm_container_app defined
    Then it must contain ingress
    Then it must contain allow_insecure_connections
    And its value must be false

  Scenario Outline: The database requires at least TLS 1.2
    Given I have azurerm_postgresql_flexible_server_configuration defined
    When its name is <setting>
    Then it must contain value
    And its value must be <value>

    Examples:
      | setting                  | value   |
      | require_secure_transport | on      |
      | ssl_min_protocol_version | TLSv1.2 |

  Scenario: The programs verify the certificate of the database
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain container
    Then it must contain env
    When its name is DATABASE_URL
    Then it must contain value
    And its value must match the "^postgres://[a-z_]+@.+\?sslmode=verify-full(&load_balance_hosts=random)?$" regex
