Feature: Refusals say what to do
  As a developer of a client
  I want to read which parameter is wrong, its value, and what was expected
  So that I can fix my client without asking anyone

  A "good question" is the one in the README: CNGGZ to EETLL, January 2021.

  Rule: Each parameter must be given exactly once

    @smoke
    Scenario Outline: <parameter> must be given
      When I ask a good question without "<parameter>"
      Then the problem is:
        | status | type              | parameter   | value |
        | 400    | missing-parameter | <parameter> |       |
      And its detail says "<parameter> is required"

      Examples:
        | parameter |
        | date_from |
        | date_to   |
        | orig_code |
        | dest_code |

    @smoke
    Scenario Outline: <parameter> must not be empty
      When I ask a good question with "<parameter>=" instead
      Then the problem is:
        | status | type              | parameter   | value |
        | 400    | missing-parameter | <parameter> |       |

      Examples:
        | parameter |
        | date_from |
        | date_to   |
        | orig_code |
        | dest_code |

    @smoke
    Scenario Outline: <parameter> must not be given twice, not even with the same value
      When I ask a good question with "<parameter>=<value>&<parameter>=<value>" instead
      Then the problem is:
        | status | type               | parameter   | value   |
        | 400    | repeated-parameter | <parameter> | <value> |
      And its detail says "2 times"

      Examples:
        | parameter | value      |
        | date_from | 2021-01-01 |
        | date_to   | 2021-01-31 |
        | orig_code | CNGGZ      |
        | dest_code | EETLL      |

    @smoke
    Scenario: The first of several mistakes is named
      When I GET "/rates"
      Then the problem is:
        | status | type              | parameter | value |
        | 400    | missing-parameter | date_from |       |

    @smoke
    Scenario: The names of parameters are in lower case
      When I ask a good question with "date_from=2021-01-01" instead
      Then the status is 200
      When I GET "/rates?DATE_FROM=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL"
      Then the problem is:
        | status | type              | parameter | value |
        | 400    | missing-parameter | date_from |       |

    @smoke
    Scenario: An unknown parameter is ignored
      When I ask a good question with "orig_code=CNGGZ&utm_source=mail" instead
      Then the status is 200

  Rule: A day is a real calendar day as YYYY-MM-DD

    @smoke
    Scenario Outline: "<value>" is not a day, because <reason>
      When I ask a good question with "<given>" instead
      Then the problem is:
        | status | type                | parameter   | value   |
        | 400    | malformed-parameter | <parameter> | <value> |
      And its detail says "YYYY-MM-DD"

      Examples:
        | parameter | given                                  | value                | reason                                |
        | date_from | date_from=2021-02-29                   | 2021-02-29           | 2021 is not a leap year               |
        | date_from | date_from=1900-02-29                   | 1900-02-29           | nor was 1900                          |
        | date_to   | date_to=2021-02-30                     | 2021-02-30           | February never has 30 days            |
        | date_to   | date_to=2021-04-31                     | 2021-04-31           | April has 30 days                     |
        | date_from | date_from=2021-13-01                   | 2021-13-01           | there are twelve months               |
        | date_from | date_from=2021-00-10                   | 2021-00-10           | months begin with 01                  |
        | date_to   | date_to=2021-01-00                     | 2021-01-00           | days begin with 01                    |
        | date_from | date_from=0000-01-01                   | 0000-01-01           | years begin with 0001                 |
        | date_from | date_from=2021-1-1                     | 2021-1-1             | the zeros are missing                 |
        | date_from | date_from=20210101                     | 20210101             | the hyphens are missing               |
        | date_to   | date_to=31.01.2021                     | 31.01.2021           | the year comes first                  |
        | date_to   | date_to=2021-01-31T00:00:00Z           | 2021-01-31T00:00:00Z | it has a time                         |
        | date_to   | date_to=10000-01-01                    | 10000-01-01          | a year has four digits                |
        | date_from | date_from=%EF%BC%92021-01-01           | ２021-01-01          | its digits are not those of ASCII     |
        | date_to   | date_to=yesterday                      | yesterday            | it is a word                          |

  Rule: A range goes forward and is not too long

    @smoke
    Scenario: A range must not go backwards
      When I ask a good question with "date_from=2021-02-01" instead
      Then the problem is:
        | status | type                   | parameter | value      |
        | 400    | parameter-out-of-range | date_from | 2021-02-01 |
      And its detail says "date_from is after date_to, which is 2021-01-31"

    @smoke
    Scenario: A range of all days is too long
      When I GET "/rates?date_from=0001-01-01&date_to=9999-12-31&orig_code=CNGGZ&dest_code=EETLL"
      Then the problem is:
        | status | type                   | parameter | value      |
        | 400    | parameter-out-of-range | date_to   | 9999-12-31 |
      And its detail says "3652059 days"

    Scenario: 3,661 days are too long, and the longest range is named
      When I GET "/rates?date_from=2021-01-01&date_to=2031-01-09&orig_code=CNGGZ&dest_code=EETLL"
      Then the problem is:
        | status | type                   | parameter | value      |
        | 400    | parameter-out-of-range | date_to   | 2031-01-09 |
      And its detail says "2021-01-01 to 2031-01-09 are 3661 days. Ask for at most 3660, for example until 2031-01-08."

    Scenario: The operator can set another limit
      Given the service runs with:
        | RATES_MAX_DAYS |
        | 7              |
      And these regions:
        | slug  |
        | china |
      When I ask for the rates from china to china, 2021-01-01 to 2021-01-07
      Then the rates hold 7 days, from 2021-01-07 down to 2021-01-01
      When I ask for the rates from china to china, 2021-01-01 to 2021-01-08
      Then the problem is:
        | status | type                   | parameter | value      |
        | 400    | parameter-out-of-range | date_to   | 2021-01-08 |

  Rule: A place is the code of a known port or the slug of a known region

    @smoke
    Scenario Outline: "<value>" is not a place, because <reason>
      When I ask a good question with "<given>" instead
      Then the problem is:
        | status | type                | parameter   | value   |
        | 400    | malformed-parameter | <parameter> | <value> |
      And its detail says "a port code of five characters or the slug of a region"

      Examples:
        | parameter | given                               | value               | reason                            |
        | orig_code | orig_code=C                         | C                   | one letter is too short           |
        | orig_code | orig_code=CN%20GZ                   | CN GZ               | it has a space                    |
        | dest_code | dest_code=EE/TLL                    | EE/TLL              | it has a slash                    |
        | dest_code | dest_code=*                         | *                   | there is no wildcard              |
        | dest_code | dest_code=%C3%85lesund              | Ålesund             | it has a letter that is not ASCII |
        | orig_code | orig_code=x%27%3B+DROP+TABLE+prices | x'; DROP TABLE prices | it is an attack                 |
        | dest_code | dest_code=%3Cscript%3E              | <script>            | it is another attack              |

    @smoke
    Scenario: A place has at most 63 characters
      When I ask a good question with "orig_code=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" instead
      Then the problem is:
        | status | type                | parameter |
        | 400    | malformed-parameter | orig_code |

    @smoke
    Scenario Outline: An unknown <parameter> is refused, and shown as it was sent
      When I ask a good question with "<parameter>=Zz_no-such-Place_zZ" instead
      Then the problem is:
        | status | type          | parameter   | value               |
        | 400    | unknown-place | <parameter> | Zz_no-such-Place_zZ |
      And its detail says "/ports and /regions list those that can be asked for"

      Examples:
        | parameter |
        | orig_code |
        | dest_code |

    Scenario Outline: <value> is unknown, with the closest places as hints: <hints>
      Given these regions:
        | slug        |
        | china       |
        | south_china |
        | baltic      |
      And these ports:
        | code  | parent_slug |
        | CNGGZ | china       |
        | CNSGH | china       |
        | CNSZX | china       |
        | CNTXG | china       |
        | EETLL | baltic      |
      When I ask a good question with "dest_code=<value>" instead
      Then the problem is:
        | status | type          | parameter | value   | hints   |
        | 400    | unknown-place | dest_code | <value> | <hints> |

      Examples:
        | value   | hints               |
        | CNGZZ   | CNGGZ, CNSZX        |
        | eetl1   | EETLL               |
        | chinna  | china               |
        | Balitc  | baltic              |
        | XXXXX   |                     |

    Scenario: A port of the real world that is not in the data is unknown
      Given these regions:
        | slug  |
        | china |
      And these ports:
        | code  | parent_slug |
        | CNGGZ | china       |
      When I ask a good question with "orig_code=CNGGZ" instead
      Then the problem is:
        | status | type          | parameter | value |
        | 400    | unknown-place | dest_code | EETLL |

  Rule: Requests that are not questions are refused too

    @smoke
    Scenario Outline: A query that <fault> is malformed
      When I GET "/rates?<query>"
      Then the problem is:
        | status | type            | parameter | value |
        | 400    | malformed-query |           |       |
      And its detail says "percent-encoded"

      Examples:
        | fault                      | query                                                                        |
        | has a broken escape        | date_from=2021-01-01&date_to=2021-01-31&orig_code=%zz&dest_code=EETLL        |
        | ends within an escape      | date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL%2    |
        | is joined by semicolons    | date_from=2021-01-01;date_to=2021-01-31;orig_code=CNGGZ;dest_code=EETLL      |

    @smoke
    Scenario Outline: <path> is not a path of this service
      When I GET "<path>"
      Then the problem is:
        | status | type      |
        | 404    | not-found |
      And its detail says "/openapi.yaml lists the paths"

      Examples:
        | path         |
        | /rate        |
        | /rates/      |
        | /Rates       |
        | /rates/CNGGZ |
        | //rates      |
        | /favicon.ico |
        | /metrics     |
        | /debug/pprof/ |

    @smoke
    Scenario Outline: <method> is not allowed on <what>: the service is read-only
      When I <method> "<path>"
      Then the problem is:
        | status | type               |
        | 405    | method-not-allowed |
      And the header "Allow" is "GET, HEAD, OPTIONS"

      Examples:
        | method | what       | path                                                                           |
        | POST   | a question | /rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL |
        | DELETE | rates      | /rates                                                                         |
        | PUT    | ports      | /ports                                                                         |
        | PATCH  | regions    | /regions                                                                       |
        | POST   | the root   | /                                                                              |
        | POST   | health     | /healthz                                                                       |
        | QUERY  | rates      | /rates                                                                         |

    @smoke
    Scenario: A URL of 4,096 bytes is accepted
      When I ask a good question with a URL of 4096 bytes
      Then the status is 200

    @smoke
    Scenario: A longer URL is refused
      When I ask a good question with a URL of 4097 bytes
      Then the problem is:
        | status | type         |
        | 414    | uri-too-long |
      And its detail says "4096 bytes"

    @smoke
    Scenario: Caches must not keep a refusal
      When I ask a good question without "date_to"
      Then the header "Cache-Control" is "no-store"
      And there is no header "ETag"
