Feature: Importing price lists
  As an operator who gets prices from spreadsheets and from other systems
  I want a price never to be taken for what it is not, and to be told what was left out
  So that a mean is one of prices that can be compared

  Background:
    Given these regions:
      | slug   | name   |
      | china  | China  |
      | baltic | Baltic |
    And these ports:
      | code  | name      | parent_slug |
      | CNGGZ | Guangzhou | china       |
      | EETLL | Tallinn   | baltic      |

  Rule: Columns that are not imported are named

    Scenario: Columns of a price list that are not imported are named
      Given a file "prices.csv":
        """
        orig_code,dest_code,Carrier,day,price,valid_until,Currency
        CNGGZ,EETLL,Blue,2021-01-31,1200,2021-03-01,USD
        CNGGZ,EETLL,Red,2021-01-31,1300,,usd
        """
      When I run "rates import prices.csv"
      Then it succeeds, saying:
        """
        prices.csv: 2 prices added; ports: 0 new, 0 changed; regions: 0 new, 0 changed
        prices.csv: ignored columns of prices: carrier, valid_until
        """

    Scenario: Columns of a dump that are not imported are named for each table
      Given these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-31 | 1000  |
      And a file "rates.sql":
        """
        COPY public.ports (code, name, parent_slug, lat, lon) FROM stdin;
        FIHEL	Helsinki	baltic	60.2	25.0
        \.
        COPY public.prices (id, orig_code, dest_code, day, price, unit) FROM stdin;
        1	CNGGZ	FIHEL	2021-01-31	1200	FEU
        2	CNGGZ	FIHEL	2021-01-31	1300	FEU
        \.
        """
      When I run "rates import rates.sql"
      Then it succeeds, saying:
        """
        rates.sql: 2 prices added; ports: 1 new, 0 changed; regions: 0 new, 0 changed
        rates.sql: ignored columns of ports: lat, lon
        rates.sql: ignored columns of prices: id, unit ("FEU" in all rows)
        """

    Scenario: A column that is not imported may be of any size
      Given a file "rates.sql":
        """
        COPY public.ports (code, name, chart, parent_slug) FROM stdin;
        FIHEL	Helsinki	CHART	baltic
        \.
        """
      And in the file "rates.sql" "CHART" stands for 3 MiB of text
      When I run "rates import rates.sql"
      Then it succeeds, saying:
        """
        rates.sql: 0 prices added; ports: 1 new, 0 changed; regions: 0 new, 0 changed
        rates.sql: ignored columns of ports: chart
        """

    Scenario: A value that is imported has a limit
      Given a file "ports.csv":
        """
        code,name,parent_slug
        FIHEL,NAME,baltic
        """
      And in the file "ports.csv" "NAME" stands for 3 MiB of text
      When I run "rates import ports.csv"
      Then it fails, saying:
        """
        rates: ports.csv:2: name is longer than 4 KiB
        """
      And nothing has changed

  Rule: Prices that cannot be compared are refused

    Scenario Outline: A price is refused with the currency <currency>
      Given a file "prices.csv":
        """
        orig_code,dest_code,day,price,<column>
        CNGGZ,EETLL,2021-01-31,1200,USD
        CNGGZ,EETLL,2021-01-31,150000,<currency>
        """
      When I run "rates import prices.csv"
      Then it fails, saying:
        """
        rates: prices.csv:3: <message> is not USD, in which all prices must be
        """
      And nothing has changed

      Examples:
        | column        | currency | message             |
        | currency      | JPY      | currency "JPY"      |
        | Currency Code | EUR      | currency code "EUR" |
        | CCY           |          | ccy ""              |

    Scenario: Prices of several containers are refused
      Given a file "rates.sql":
        """
        COPY public.prices (orig_code, dest_code, day, price, container_type) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1200	20GP
        CNGGZ	EETLL	2021-01-31	2100	40HC
        \.
        """
      When I run "rates import rates.sql"
      Then it fails, saying:
        """
        rates: rates.sql:3: container_type is "40HC" here and "20GP" on line 2, and a mean of both would mislead
        """
      And nothing has changed

  Rule: Spreadsheets are read as they are saved, or refused by name

    Scenario Outline: Columns may be separated by <what>
      Given a file "prices.csv":
        """
        orig_code<comma>dest_code<comma>day<comma>price
        CNGGZ<comma>EETLL<comma>2021-01-31<comma>1200
        """
      When I run "rates import prices.csv"
      Then it succeeds
      And the data hold 2 regions, 2 ports and 1 price

      Examples:
        | what         | comma |
        | a comma      | ,     |
        | a semicolon  | ;     |
        | a bar        | \|    |

    Scenario: Columns may be separated by a tab
      Given a file "prices.txt":
        """
        orig_code	dest_code	day	price
        CNGGZ	EETLL	2021-01-31	1200
        """
      When I run "rates import prices.txt"
      Then it succeeds
      And the data hold 2 regions, 2 ports and 1 price

    Scenario: Excel says in the first line which separator it used
      Given a file "prices.csv":
        """
        sep=;
        "orig_code";"dest_code";"day";"price"
        "CNGGZ";"EETLL";"2021-01-31";"1200"
        """
      When I run "rates import prices.csv"
      Then it succeeds
      And the data hold 2 regions, 2 ports and 1 price

    Scenario Outline: A price list with <what> is refused with what is expected
      Given a file "prices.csv":
        """
        <header>
        <row>
        """
      When I run "rates import prices.csv"
      Then it fails, saying:
        """
        rates: prices.csv:<message>
        """
      And nothing has changed

      Examples:
        | what               | header                        | row                            | message                                                                                                                       |
        | a decimal comma    | orig_code;dest_code;day;price | CNGGZ;EETLL;2021-01-31;1154,50 | 2: price "1154,50" is not a whole number of USD, in digits alone (for example 1154)                                           |
        | a day as in German | orig_code;dest_code;day;price | CNGGZ;EETLL;31.01.2021;1154    | 2: day "31.01.2021" is not a calendar day as YYYY-MM-DD                                                                        |
        | another separator  | orig_code:dest_code:day:price | CNGGZ:EETLL:2021-01-31:1154    | 1: the columns of the header are separated by ":"; separate the columns by a comma, a semicolon, a tab or \|                   |

    Scenario: A file in UTF-16 is refused by name
      Given a file "prices.csv" in UTF-16:
        """
        orig_code,dest_code,day,price
        CNGGZ,EETLL,2021-01-31,1200
        """
      When I run "rates import prices.csv"
      Then it fails, saying:
        """
        rates: prices.csv: is UTF-16; save it as UTF-8
        """
      And nothing has changed
