@noskip
Feature: The service reports its health and scales with its load

  Scenario Outline: The service is probed at its health endpoints
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain container
    Then it must contain <probe>
    Then it must contain path
    And its value must be <path>

    Examples:
      | probe           | path     |
      | startup_probe   | /healthz |
      | liveness_probe  | /healthz |
      | readiness_probe | /readyz  |

  Scenario: A new revision takes over when it is ready
    Given I have azurerm_container_app defined
    Then it must contain revision_mode
    And its value must be Single

  Scenario: The service scales with concurrent requests
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain http_scale_rule
    Then it must contain concurrent_requests
    And its value must be greater than 0

  Scenario: The service has time to finish its requests
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain termination_grace_period_seconds
    And its value must be greater than 30

  Scenario: A failed job is not retried
    Given I have azurerm_container_app_job defined
    Then it must contain replica_retry_limit
    And its value must be 0

  Scenario: Jobs are started by hand, not on a schedule
    Given I have azurerm_container_app_job defined
    Then it must contain manual_trigger_config
    Then it must contain parallelism
    And its value must be 1
