@noskip
Feature: The service says how it is, and grows with its work

  Scenario Outline: The service is probed where it says how it is
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

  Scenario: The service grows with the questions that it is asked at once
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain http_scale_rule
    Then it must contain concurrent_requests
    And its value must be greater than 0

  Scenario: There is time to finish what was begun
    Given I have azurerm_container_app defined
    Then it must contain template
    Then it must contain termination_grace_period_seconds
    And its value must be greater than 30

  Scenario: A job that failed is looked at, not tried again
    Given I have azurerm_container_app_job defined
    Then it must contain replica_retry_limit
    And its value must be 0

  Scenario: Jobs are started by somebody, not by the clock
    Given I have azurerm_container_app_job defined
    Then it must contain manual_trigger_config
    Then it must contain parallelism
    And its value must be 1
