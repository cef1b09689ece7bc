@noskip
Feature: Failures raise alerts

  Scenario: Alerts have a recipient
    Given I have azurerm_monitor_action_group defined
    Then it must contain email_receiver
    Then it must contain email_address
    And its value must match the "^[^@]+@[^@]+$" regex

  Scenario Outline: Every important failure raises an alert
    Given I have azurerm_monitor_metric_alert defined
    When its name is "<alert>" regex
    Then it must contain action
    Then it must contain action_group_id
    And its value must match the "^/subscriptions/.+/actionGroups/.+$" regex

    Examples:
      | alert                  |
      | ^alert-.+-latency$       |
      | ^alert-.+-server-errors$ |
      | ^alert-.+-restarts$      |
      | ^alert-.+-database-alive$   |
      | ^alert-.+-database-storage$ |

  Scenario Outline: Failing logins and ending credentials raise alerts
    Given I have azurerm_monitor_scheduled_query_rules_alert_v2 defined
    When its name is "<alert>" regex
    Then it must contain action
    Then it must contain action_groups
    And its value must match the "^/subscriptions/.+/actionGroups/.+$" regex

    Examples:
      | alert                      |
      | ^alert-.+-logins-fail$     |
      | ^alert-.+-credentials-end$ |
