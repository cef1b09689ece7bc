@replicas
Feature: Questions go to standbys, so that readers do not need a larger server
  As a platform engineer
  I want instances that ask standbys of the database, and never mislead a client about it
  So that more readers need more standbys, and nothing else

  Background:
    Given a primary with two standbys
    And these regions:
      | slug   |
      | china  |
      | baltic |
    And these ports:
      | code  | parent_slug |
      | CNGGZ | china       |
      | EETLL | baltic      |
    And these prices:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 10    |
      | CNGGZ     | EETLL     | 2021-01-31 | 20    |
      | CNGGZ     | EETLL     | 2021-01-31 | 60    |

  Scenario: While the standbys are behind, their answer is given with its own tag
    Given the service runs on the standbys
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And the standbys fall behind
    And these prices are added:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 90    |
    Then the metrics soon tell how far the standbys are behind
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the rates are:
      | day        | count | price |
      | 2021-01-31 | 3     | 30    |
    And the ETag is the same
    When the standbys follow again
    Then the same question soon gives:
      | day        | count | price |
      | 2021-01-31 | 4     | 45    |
    And the ETag differs

  Scenario: With RATES_MAX_LAG the primary is asked instead
    Given the service runs with:
      | RATES_MAX_LAG |
      | 1ms           |
    And the service runs on the standbys
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And the standbys fall behind
    And these prices are added:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 90    |
    Then the same question soon gives:
      | day        | count | price |
      | 2021-01-31 | 4     | 45    |

  Scenario: A standby that dies under load costs no answer
    Given the service runs with:
      | RATES_CACHE_MB |
      | 0              |
    And the service spreads its questions over the standbys
    When questions are asked without a pause
    Then each standby is asked
    When the first standby dies
    Then all questions of the next 3 seconds are answered
    And no question failed

  Scenario: A standby takes over from the primary under load
    Given the service runs on the standbys
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And questions are asked without a pause
    And the primary dies
    And the first standby takes over
    And these prices are added:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 90    |
    Then the same question soon gives:
      | day        | count | price |
      | 2021-01-31 | 4     | 45    |
    And no question failed
