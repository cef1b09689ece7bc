Feature: The average price of a lane, day by day
  As an analyst who compares shipping lanes
  I want the mean price of a container between two places for each day
  So that I see how prices on a lane develop, without seeing what a single carrier charged

  Rule: Every instance answers the question of the README

    @smoke
    Scenario: A month is answered day by day, newest first
      When I ask for the rates from CNGGZ to EETLL, 2021-01-01 to 2021-01-31
      Then the rates hold 31 days, from 2021-01-31 down to 2021-01-01
      And a day has a price if and only if it counts at least 3 prices

    @smoke
    Scenario: A single day can be asked for
      When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
      Then the rates hold 1 day, from 2021-01-31 down to 2021-01-31
      And a day has a price if and only if it counts at least 3 prices

    @smoke
    Scenario: Years without data are answered, not refused
      When I ask for the rates from CNGGZ to EETLL, 9990-01-01 to 9999-12-31
      Then the rates hold 3652 days, from 9999-12-31 down to 9990-01-01
      And a day has a price if and only if it counts at least 3 prices

  Rule: The price of a day is the mean of at least three prices

    Background:
      Given these regions:
        | slug   |
        | china  |
        | baltic |
      And these ports:
        | code  | parent_slug |
        | CNGGZ | china       |
        | EETLL | baltic      |

    Scenario: The price is the mean of the prices of the day
      Given these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-31 | 1000  |
        | CNGGZ     | EETLL     | 2021-01-31 | 1200  |
        | CNGGZ     | EETLL     | 2021-01-31 | 1263  |
      When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count | price              |
        | 2021-01-31 | 3     | 1154.3333333333333 |

    Scenario: Three prices are enough
      Given these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-10 | 10    |
        | CNGGZ     | EETLL     | 2021-01-10 | 20    |
        | CNGGZ     | EETLL     | 2021-01-10 | 60    |
      When I ask for the rates from CNGGZ to EETLL, 2021-01-10 to 2021-01-10
      Then the rates are:
        | day        | count | price |
        | 2021-01-10 | 3     | 30    |

    Scenario: Two prices are counted, but their mean is withheld
      Given these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-10 | 10    |
        | CNGGZ     | EETLL     | 2021-01-10 | 20    |
      When I ask for the rates from CNGGZ to EETLL, 2021-01-10 to 2021-01-10
      Then the rates are:
        | day        | count | price |
        | 2021-01-10 | 2     | null  |

    Scenario: One price is counted, but not revealed
      Given these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-10 | 10    |
      When I ask for the rates from CNGGZ to EETLL, 2021-01-10 to 2021-01-10
      Then the rates are:
        | day        | count | price |
        | 2021-01-10 | 1     | null  |

    Scenario: A day without prices has no count and no price
      When I ask for the rates from CNGGZ to EETLL, 2021-01-10 to 2021-01-10
      Then the rates are:
        | day        | count | price |
        | 2021-01-10 | null  | null  |

    Scenario: A price that occurs twice counts twice
      Given these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-10 | 10    |
        | CNGGZ     | EETLL     | 2021-01-10 | 10    |
        | CNGGZ     | EETLL     | 2021-01-10 | 100   |
      When I ask for the rates from CNGGZ to EETLL, 2021-01-10 to 2021-01-10
      Then the rates are:
        | day        | count | price |
        | 2021-01-10 | 3     | 40    |

    Scenario: A price of zero is a price
      Given these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-10 | 0     |
        | CNGGZ     | EETLL     | 2021-01-10 | 0     |
        | CNGGZ     | EETLL     | 2021-01-10 | 0     |
        | CNGGZ     | EETLL     | 2021-01-11 | 0     |
        | CNGGZ     | EETLL     | 2021-01-11 | 0     |
        | CNGGZ     | EETLL     | 2021-01-11 | 1     |
        | CNGGZ     | EETLL     | 2021-01-11 | 1     |
      When I ask for the rates from CNGGZ to EETLL, 2021-01-10 to 2021-01-11
      Then the rates are:
        | day        | count | price |
        | 2021-01-11 | 4     | 0.5   |
        | 2021-01-10 | 3     | 0     |

    Scenario Outline: The mean of <first>, <second> and <third> is written <price>
      Given these prices:
        | orig_code | dest_code | day        | price    |
        | CNGGZ     | EETLL     | 2021-01-10 | <first>  |
        | CNGGZ     | EETLL     | 2021-01-10 | <second> |
        | CNGGZ     | EETLL     | 2021-01-10 | <third>  |
      When I ask for the rates from CNGGZ to EETLL, 2021-01-10 to 2021-01-10
      Then the rates are:
        | day        | count | price   |
        | 2021-01-10 | 3     | <price> |

      Examples: the shortest decimal that parses to the same number
        | first      | second     | third      | price             |
        | 1          | 1          | 2          | 1.3333333333333333 |
        | 1          | 2          | 2          | 1.6666666666666667 |
        | 1000       | 1000       | 1001       | 1000.3333333333334 |
        | 0          | 0          | 1          | 0.3333333333333333 |
        | 2147483647 | 2147483647 | 2147483647 | 2147483647         |
        | 2147483647 | 2147483647 | 2147483646 | 2147483646.6666667 |

  Rule: Every day asked for is in the answer, newest first

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
        | CNGGZ     | EETLL     | 2020-12-31 | 1     |
        | CNGGZ     | EETLL     | 2021-01-03 | 30    |
        | CNGGZ     | EETLL     | 2021-01-03 | 40    |
        | CNGGZ     | EETLL     | 2021-01-03 | 50    |
        | CNGGZ     | EETLL     | 2021-01-01 | 10    |
        | CNGGZ     | EETLL     | 2021-01-01 | 20    |
        | CNGGZ     | EETLL     | 2021-01-05 | 1     |

    Scenario: The newest day comes first, and days without prices keep their place
      When I ask for the rates from CNGGZ to EETLL, 2020-12-30 to 2021-01-06
      Then the rates are:
        | day        | count | price |
        | 2021-01-06 | null  | null  |
        | 2021-01-05 | 1     | null  |
        | 2021-01-04 | null  | null  |
        | 2021-01-03 | 3     | 40    |
        | 2021-01-02 | null  | null  |
        | 2021-01-01 | 2     | null  |
        | 2020-12-31 | 1     | null  |
        | 2020-12-30 | null  | null  |

    Scenario: The first and the last day are in the answer, the days around them are not
      When I ask for the rates from CNGGZ to EETLL, 2021-01-01 to 2021-01-03
      Then the rates are:
        | day        | count | price |
        | 2021-01-03 | 3     | 40    |
        | 2021-01-02 | null  | null  |
        | 2021-01-01 | 2     | null  |

    Scenario: A range between two days with prices is all null
      When I ask for the rates from CNGGZ to EETLL, 2021-01-04 to 2021-01-04
      Then the rates are:
        | day        | count | price |
        | 2021-01-04 | null  | null  |

    Scenario: A lane without prices is answered with every day
      When I ask for the rates from EETLL to CNGGZ, 2021-01-01 to 2021-01-03
      Then the rates are:
        | day        | count | price |
        | 2021-01-03 | null  | null  |
        | 2021-01-02 | null  | null  |
        | 2021-01-01 | null  | null  |

    Scenario Outline: From 28 February to 1 March <year> there are <days> days
      When I ask for the rates from CNGGZ to EETLL, <year>-02-28 to <year>-03-01
      Then the rates hold <days> days, from <year>-03-01 down to <year>-02-28

      Examples:
        | year | days |
        | 2020 | 3    |
        | 2021 | 2    |
        | 2000 | 3    |
        | 1900 | 2    |
        | 2100 | 2    |

    Scenario: A leap day has prices like any other
      Given these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2020-02-29 | 1     |
        | CNGGZ     | EETLL     | 2020-02-29 | 2     |
        | CNGGZ     | EETLL     | 2020-02-29 | 3     |
      When I ask for the rates from CNGGZ to EETLL, 2020-02-28 to 2020-03-01
      Then the rates are:
        | day        | count | price |
        | 2020-03-01 | null  | null  |
        | 2020-02-29 | 3     | 2     |
        | 2020-02-28 | null  | null  |

    Scenario Outline: The <which> day of the calendar can be asked for
      Given these prices:
        | orig_code | dest_code | day   | price |
        | CNGGZ     | EETLL     | <day> | 7     |
        | CNGGZ     | EETLL     | <day> | 8     |
        | CNGGZ     | EETLL     | <day> | 9     |
      When I ask for the rates from CNGGZ to EETLL, <day> to <day>
      Then the rates are:
        | day   | count | price |
        | <day> | 3     | 8     |

      Examples:
        | which | day        |
        | first | 0001-01-01 |
        | last  | 9999-12-31 |

    Scenario: The longest allowed range is answered
      When I ask for the rates from CNGGZ to EETLL, 2021-01-01 to 2031-01-08
      Then the rates hold 3660 days, from 2031-01-08 down to 2021-01-01

  Rule: A lane is two ports and a direction

    Background:
      Given these regions:
        | slug   |
        | china  |
        | baltic |
      And these ports:
        | code  | parent_slug |
        | CNGGZ | china       |
        | CNSGH | china       |
        | EETLL | baltic      |
      And these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-31 | 100   |
        | CNGGZ     | EETLL     | 2021-01-31 | 200   |
        | CNGGZ     | EETLL     | 2021-01-31 | 300   |
        | CNSGH     | EETLL     | 2021-01-31 | 9000  |
        | EETLL     | CNGGZ     | 2021-01-31 | 8000  |
        | CNGGZ     | CNGGZ     | 2021-01-31 | 1     |
        | CNGGZ     | CNGGZ     | 2021-01-31 | 2     |
        | CNGGZ     | CNGGZ     | 2021-01-31 | 6     |

    Scenario Outline: From <origin> to <destination>, only prices of that lane count
      When I ask for the rates from <origin> to <destination>, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count   | price   |
        | 2021-01-31 | <count> | <price> |

      Examples:
        | origin | destination | count | price |
        | CNGGZ  | EETLL       | 3     | 200   |
        | EETLL  | CNGGZ       | 1     | null  |
        | CNSGH  | EETLL       | 1     | null  |
        | CNSGH  | CNGGZ       | null  | null  |
        | CNGGZ  | CNGGZ       | 3     | 3     |
        | EETLL  | EETLL       | null  | null  |

    Scenario Outline: A port code is understood as <origin> and <destination>
      When I ask for the rates from <origin> to <destination>, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count | price |
        | 2021-01-31 | 3     | 200   |

      Examples: in any letter case
        | origin | destination |
        | cnggz  | eetll       |
        | CnGgZ  | eeTLL       |
        | CNGGZ  | eetll       |

  Rule: An answer follows the data

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
        | CNGGZ     | EETLL     | 2021-01-31 | 100   |
        | CNGGZ     | EETLL     | 2021-01-31 | 200   |

    Scenario: A new price is soon in the answer
      When I ask for the rates from CNGGZ to EETLL, 2021-01-30 to 2021-01-31
      And these prices are added:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-31 | 300   |
        | CNGGZ     | EETLL     | 2021-01-30 | 5     |
      Then the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | 3     | 200   |
        | 2021-01-30 | 1     | null  |

    Scenario: A removed price is soon gone from the answer
      When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
      And these prices are removed:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-31 | 100   |
      Then the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | 1     | null  |

    Scenario: A day that loses its last price has none
      When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
      And these prices are removed:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-31 | 100   |
        | CNGGZ     | EETLL     | 2021-01-31 | 200   |
      Then the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | null  | null  |
