Feature: Answers are as new as the question
  As an analyst who has just seen a price come in
  I want the next answer to hold it, however fast answers are given
  So that I never explain a number that was true a while ago

  Background:
    Given these regions:
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

  Scenario: An answer that is kept in memory gives way to a price that any program commits
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the rates are:
      | day        | count | price |
      | 2021-01-31 | 2     | null  |
    When these prices come in:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 60    |
    Then the same question soon gives:
      | day        | count | price |
      | 2021-01-31 | 3     | 30    |

  Scenario: While nobody can tell the service of changes, it asks the database each time
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And the service can no longer be told of changes
    And these prices come in:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 60    |
    And I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the rates are:
      | day        | count | price |
      | 2021-01-31 | 3     | 30    |
    When these prices come in:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 110   |
    And I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the rates are:
      | day        | count | price |
      | 2021-01-31 | 4     | 50    |

  Scenario: A client that holds the current answer is told so without the database
    Given the service is soon told of changes
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And another session locks the data against reading
    And I ask the same again, holding that answer
    Then the status is 304

  Scenario: With the cache turned off, each question is answered from the database
    Given the service runs with:
      | RATES_CACHE_MB |
      | 0              |
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And these prices come in:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 60    |
    And I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the rates are:
      | day        | count | price |
      | 2021-01-31 | 3     | 30    |
