Feature: Answers are up to date
  As an analyst who has just seen a new price
  I want the next answer to include it, however fast answers are
  So that I never explain an outdated number

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

  Scenario: A cached answer is replaced when any program commits a price
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the rates are:
      | day        | count | price |
      | 2021-01-31 | 2     | null  |
    When these prices are added:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 60    |
    Then the same question soon gives:
      | day        | count | price |
      | 2021-01-31 | 3     | 30    |

  Scenario: Without change notifications the service asks the database each time
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And the service loses its change notifications
    And these prices are added:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 60    |
    And I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the rates are:
      | day        | count | price |
      | 2021-01-31 | 3     | 30    |
    When these prices are added:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 110   |
    And I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the rates are:
      | day        | count | price |
      | 2021-01-31 | 4     | 50    |

  Scenario: Behind a pooler that delivers no notifications, each question goes to the database
    Given a line to the database that drops notifications
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the log soon holds a line with:
      | key   | value                                                      |
      | level | WARN                                                       |
      | msg   | change notifications are lost; answering without the cache |
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And these prices are added:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 60    |
    And I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the rates are:
      | day        | count | price |
      | 2021-01-31 | 3     | 30    |

  Scenario: A client that has the current answer gets 304 without a query
    Given the service soon gets change notifications
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And another session locks the data against reading
    And I ask the same again with the ETag of that answer
    Then the status is 304

  Scenario: With the cache turned off, each question goes to the database
    Given the service runs with:
      | RATES_CACHE_MB |
      | 0              |
    When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    And these prices are added:
      | orig_code | dest_code | day        | price |
      | CNGGZ     | EETLL     | 2021-01-31 | 60    |
    And I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
    Then the rates are:
      | day        | count | price |
      | 2021-01-31 | 3     | 30    |
