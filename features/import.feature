Feature: Importing prices
  As an operator who receives prices as files
  I want a file to be imported completely or not at all, and an error to name the file, the line and the reason
  So that the data are never incomplete, and mistakes are fixed where they were made

  Rule: A file is imported as a whole

    Scenario: A pg_dump file supplies regions, ports and prices
      Given a file "rates.sql":
        """
        --
        -- PostgreSQL database dump
        --
        SET client_encoding = 'UTF8';
        CREATE TABLE public.regions (slug text, name text, parent_slug text);
        COPY public.regions (slug, name, parent_slug) FROM stdin;
        south_china	South China	china
        china	China	\N
        baltic	Baltic	\N
        \.
        COPY public.ports (code, name, parent_slug) FROM stdin;
        CNGGZ	Guangzhou	south_china
        EETLL	Tallinn	baltic
        \.
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1000
        CNGGZ	EETLL	2021-01-31	1200
        CNGGZ	EETLL	2021-01-31	1263
        \.
        --
        -- PostgreSQL database dump complete
        --
        """
      When I run "rates import rates.sql"
      Then it succeeds, saying:
        """
        rates.sql: 3 prices added; ports: 2 new, 0 changed; regions: 3 new, 0 changed
        """
      And the data hold 3 regions, 2 ports and 3 prices
      When I ask for the rates from china to baltic, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count | price              |
        | 2021-01-31 | 3     | 1154.3333333333333 |

    Scenario: Each CSV file supplies one table, with its columns in any order
      Given a file "regions.csv":
        """
        slug,name,parent_slug
        china,China,
        baltic,"Baltic, all of it",
        """
      And a file "ports.csv":
        """
        parent_slug,code,name
        china,CNGGZ,Guangzhou
        baltic,EETLL,Tallinn
        """
      And a file "prices.csv":
        """
        day,price,orig_code,dest_code
        2021-01-31,1000,CNGGZ,EETLL
        2021-01-30,1200,CNGGZ,EETLL
        """
      When I run "rates import regions.csv ports.csv prices.csv"
      Then it succeeds, saying:
        """
        regions.csv: 0 prices added; ports: 0 new, 0 changed; regions: 2 new, 0 changed
        ports.csv: 0 prices added; ports: 2 new, 0 changed; regions: 0 new, 0 changed
        prices.csv: 2 prices added; ports: 0 new, 0 changed; regions: 0 new, 0 changed
        """
      And the data hold 2 regions, 2 ports and 2 prices

    Scenario: A compressed file need not be unpacked
      Given a file "regions.csv.gz", compressed with gzip:
        """
        slug,name,parent_slug
        china,China,
        """
      When I run "rates import regions.csv.gz"
      Then it succeeds
      And the data hold 1 region, 0 ports and 0 prices

    Scenario: A file can be read from standard input
      Given a file "regions.csv":
        """
        slug,name,parent_slug
        china,China,
        """
      When I run "rates import -" with the file "regions.csv" as its input
      Then it succeeds, saying:
        """
        standard input: 0 prices added; ports: 0 new, 0 changed; regions: 1 new, 0 changed
        """
      And no temporary file is left

    Scenario: Everything else in a dump is ignored, and nothing in it is executed
      Given these regions:
        | slug  |
        | china |
      And a file "foreign.sql":
        """
        DROP TABLE prices;
        DELETE FROM regions;
        CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ports; END $$;
        COPY carriers.secrets (id, word) FROM stdin;
        1	open sesame
        \.
        COPY "Trade 2021".regions (name, note, slug, parent_slug) FROM stdin;
        Baltic	whatever	baltic	\N
        \.
        """
      When I run "rates import foreign.sql"
      Then it succeeds, saying:
        """
        foreign.sql: 0 prices added; ports: 0 new, 0 changed; regions: 1 new, 0 changed
        """
      And the data hold 2 regions, 0 ports and 0 prices

    Scenario: The seed of this project loads, and answers the question of the README
      Given the seed of this project as the file "rates.sql"
      When I run "rates import rates.sql"
      Then it succeeds, saying:
        """
        rates.sql: 53,822 prices added; ports: 174 new, 0 changed; regions: 45 new, 0 changed
        """
      When I ask for the rates from CNGGZ to EETLL, 2021-01-30 to 2021-01-31
      Then the rates are:
        | day        | count | price              |
        | 2021-01-31 | 3     | 1154.3333333333333 |
        | 2021-01-30 | 3     | 1154.3333333333333 |

  Rule: The program has a sample for a database without data

    Scenario: The sample answers the question of the README, and is imported once
      When I run "rates import --sample"
      Then it succeeds, saying:
        """
        sample: 53,822 prices added; ports: 174 new, 0 changed; regions: 45 new, 0 changed
        """
      When I ask for the rates from CNGGZ to EETLL, 2021-01-30 to 2021-01-31
      Then the rates are:
        | day        | count | price              |
        | 2021-01-31 | 3     | 1154.3333333333333 |
        | 2021-01-30 | 3     | 1154.3333333333333 |
      When I run "rates import --sample"
      Then it succeeds, saying:
        """
        sample was already imported as sample on
        """
      And nothing has changed

    Scenario: The sample is not mixed with other data
      Given these regions:
        | slug  |
        | china |
      When I run "rates import --sample"
      Then it succeeds, saying:
        """
        sample was not imported, because the database has other data; nothing was changed
        """
      And the data hold 1 regions, 0 ports and 0 prices

  Rule: Ports and regions are updated, prices are added

    Background:
      Given these regions:
        | slug   | name   |
        | china  | China  |
        | baltic | Baltic |
      And these ports:
        | code  | name      | parent_slug |
        | CNGGZ | Guangzhou | china       |
        | EETLL | Tallinn   | baltic      |
      And these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-31 | 1000  |

    Scenario: A known port is changed, a new one is added
      Given a file "ports.csv":
        """
        code,name,parent_slug
        CNGGZ,Canton,china
        EETLL,Tallinn,baltic
        EEMUG,Muuga,baltic
        """
      When I run "rates import ports.csv"
      Then it succeeds, saying:
        """
        ports.csv: 0 prices added; ports: 1 new, 1 changed; regions: 0 new, 0 changed
        """
      When I GET "/ports"
      Then the list "ports" is:
        | code  | name    | region |
        | CNGGZ | Canton  | china  |
        | EEMUG | Muuga   | baltic |
        | EETLL | Tallinn | baltic |

    Scenario: A pipe is read once, although a file is read twice where there are prices
      Given a pipe "prices" from which this can be read once:
        """
        orig_code,dest_code,day,price
        CNGGZ,EETLL,2021-01-31,1200
        """
      When I run "rates import prices"
      Then it succeeds, saying:
        """
        prices: 1 prices added; ports: 0 new, 0 changed; regions: 0 new, 0 changed
        """
      And no temporary file is left
      And the data hold 2 regions, 2 ports and 2 prices

    Scenario: Prices are added to the others while questions are answered
      Given a file "prices.csv":
        """
        orig_code,dest_code,day,price
        CNGGZ,EETLL,2021-01-31,1200
        CNGGZ,EETLL,2021-01-31,1263
        """
      When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count | price |
        | 2021-01-31 | 1     | null  |
      When I run "rates import prices.csv"
      Then it succeeds
      And the same question soon gives:
        | day        | count | price              |
        | 2021-01-31 | 3     | 1154.3333333333333 |

    Scenario: A file is not imported twice by mistake
      Given a file "prices.csv":
        """
        orig_code,dest_code,day,price
        CNGGZ,EETLL,2021-01-31,1200
        """
      And a file "same rows.csv.gz", compressed with gzip:
        """
        price,day,dest_code,orig_code
        1200,2021-01-31,EETLL,CNGGZ
        """
      When I run "rates import prices.csv"
      Then it succeeds
      When I run "rates import prices.csv"
      Then it fails, saying:
        """
        prices.csv was already imported as prices.csv on
        """
      And nothing has changed
      When I run "rates import 'same rows.csv.gz'"
      Then it fails, saying:
        """
        nothing was changed. Use --again to add its prices once more
        """
      And nothing has changed

    Scenario: With --again a file is imported twice
      Given a file "prices.csv":
        """
        orig_code,dest_code,day,price
        CNGGZ,EETLL,2021-01-31,1200
        """
      When I run "rates import prices.csv"
      And I run "rates import --again prices.csv"
      Then it succeeds
      And the data hold 2 regions, 2 ports and 3 prices

    Scenario: With --replace the files become the whole data set
      Given a file "places.sql":
        """
        COPY regions (slug, name, parent_slug) FROM stdin;
        japan	Japan	\N
        \.
        COPY ports (code, name, parent_slug) FROM stdin;
        JPTYO	Tokyo	japan
        \.
        """
      And a file "prices.csv":
        """
        orig_code,dest_code,day,price
        JPTYO,JPTYO,2021-01-31,5
        """
      When I run "rates import --replace places.sql prices.csv"
      Then it succeeds, saying:
        """
        places.sql: 0 prices added; ports: 1 new, 0 changed; regions: 1 new, 0 changed
        prices.csv: 1 prices added; ports: 0 new, 0 changed; regions: 0 new, 0 changed
        """
      And the data hold 1 region, 1 port and 1 price
      When I ask for the rates from CNGGZ to JPTYO, 2021-01-31 to 2021-01-31
      Then the problem is:
        | status | type          | parameter | value |
        | 400    | unknown-place | orig_code | CNGGZ |

    Scenario Outline: With --replace, <what> does not empty the data by mistake
      Given a file "data.csv":
        """
        <first>
        <second>
        """
      When I run "rates import --replace data.csv"
      Then it fails, saying:
        """
        Add the file with the prices, or use --allow-empty
        """
      And nothing has changed

      Examples:
        | what                     | first                                                             | second             |
        | a header without rows    | orig_code,dest_code,day,price                                     |                    |
        | a dump without rows      | COPY prices (orig_code, dest_code, day, price) FROM stdin;        | \\.                |
        | a file with regions only | slug,name,parent_slug                                             | japan,Japan,       |

    Scenario: With --replace and --allow-empty the data can be emptied
      Given a file "prices.csv":
        """
        orig_code,dest_code,day,price
        """
      When I run "rates import --replace --allow-empty prices.csv"
      Then it succeeds
      And the data hold 0 regions, 0 ports and 0 prices

    Scenario: While the data are replaced, answers come from the old data
      Given a file "new.sql":
        """
        COPY regions (slug, name, parent_slug) FROM stdin;
        china	China	\N
        baltic	Baltic	\N
        \.
        COPY ports (code, name, parent_slug) FROM stdin;
        CNGGZ	Guangzhou	china
        EETLL	Tallinn	baltic
        \.
        COPY prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1
        CNGGZ	EETLL	2021-01-31	2
        CNGGZ	EETLL	2021-01-31	6
        \.
        """
      And another session locks "imports" against writing
      When I run "rates import --replace new.sql" without waiting
      Then the import is soon waiting for the other session
      When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count | price |
        | 2021-01-31 | 1     | null  |
      When the other session releases its lock
      Then it soon succeeds
      And the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | 3     | 3     |

    Scenario: A replacement waits for a dump, and questions wait for neither
      Given a file "new.sql":
        """
        COPY regions (slug, name, parent_slug) FROM stdin;
        china	China	\N
        baltic	Baltic	\N
        \.
        COPY ports (code, name, parent_slug) FROM stdin;
        CNGGZ	Guangzhou	china
        EETLL	Tallinn	baltic
        \.
        COPY prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1
        CNGGZ	EETLL	2021-01-31	2
        CNGGZ	EETLL	2021-01-31	6
        \.
        """
      And another session reads the data, as a dump does
      When I run "rates import --replace new.sql" without waiting
      Then the import soon waits until nobody reads the data
      When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count | price |
        | 2021-01-31 | 1     | null  |
      When the other session ends
      Then it soon succeeds
      And the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | 3     | 3     |

    Scenario: A replacement that waits for too long names the session in its way
      Given a file "new.sql":
        """
        COPY regions (slug, name, parent_slug) FROM stdin;
        japan	Japan	\N
        \.
        COPY ports (code, name, parent_slug) FROM stdin;
        JPTYO	Tokyo	japan
        \.
        COPY prices (orig_code, dest_code, day, price) FROM stdin;
        JPTYO	JPTYO	2021-01-31	5
        \.
        """
      And another session reads the data, as a dump does
      When I run "rates import --replace --lock-wait=1s new.sql"
      Then it fails, saying:
        """
        rates: prices and daily_rates are in use: waited 1s for pid
        """
      And it fails, saying:
        """
        (application "pg_dump", login
        """
      And nothing has changed

    Scenario: What an import does is written line by line where that is wanted
      Given a file "new.sql":
        """
        COPY regions (slug, name, parent_slug) FROM stdin;
        japan	Japan	\N
        \.
        COPY ports (code, name, parent_slug) FROM stdin;
        JPTYO	Tokyo	japan
        \.
        COPY prices (orig_code, dest_code, day, price) FROM stdin;
        JPTYO	JPTYO	2021-01-31	5
        \.
        """
      And another session reads the data, as a dump does
      When I run "rates import --progress --replace --lock-wait=1s new.sql"
      Then it fails, saying:
        """
        rates: new.sql: indexing sums
        rates: new.sql: waiting for pid
        """
      And nothing has changed

    Scenario: A replacement that waits for a dump can be interrupted
      Given a file "new.sql":
        """
        COPY regions (slug, name, parent_slug) FROM stdin;
        japan	Japan	\N
        \.
        COPY ports (code, name, parent_slug) FROM stdin;
        JPTYO	Tokyo	japan
        \.
        COPY prices (orig_code, dest_code, day, price) FROM stdin;
        JPTYO	JPTYO	2021-01-31	5
        \.
        """
      And another session reads the data, as a dump does
      When I run "rates import --replace new.sql" without waiting
      Then the import soon waits until nobody reads the data
      When it is sent SIGTERM
      Then it soon fails, saying:
        """
        rates: interrupted; nothing more was changed
        """
      And nothing has changed

    Scenario: Each of several files is imported on its own
      Given a file "good.csv":
        """
        orig_code,dest_code,day,price
        CNGGZ,EETLL,2021-01-31,1200
        """
      And a file "bad.csv":
        """
        orig_code,dest_code,day,price
        CNGGZ,EETLL,2021-01-31,1263
        CNGGZ,EETLL,2021-01-31,-1
        """
      When I run "rates import good.csv bad.csv"
      Then it fails, saying:
        """
        bad.csv:3: price "-1" is negative
        """
      And the data hold 2 regions, 2 ports and 2 prices

    Scenario: With --replace one bad file stops the import, and the old data stay
      Given a file "good.csv":
        """
        slug,name,parent_slug
        japan,Japan,
        """
      And a file "bad.csv":
        """
        code,name,parent_slug
        JPTYO,Tokyo,nippon
        """
      When I run "rates import --replace good.csv bad.csv"
      Then it fails, saying:
        """
        bad.csv:2: port JPTYO is in region "nippon", which is unknown
        """
      And nothing has changed

  Rule: A bad file is refused with the line and the reason, and nothing changes

    Background:
      Given these regions:
        | slug   | name   | parent_slug |
        | china  | China  |             |
        | baltic | Baltic |             |
        | gulf   | Gulf   | baltic      |
      And these ports:
        | code  | name      | parent_slug |
        | CNGGZ | Guangzhou | china       |
        | EETLL | Tallinn   | baltic      |
      And these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-31 | 1000  |

    Scenario Outline: A price is refused because of <what>
      Given a file "prices.csv":
        """
        orig_code,dest_code,day,price
        CNGGZ,EETLL,2021-01-30,1200
        <row>
        CNGGZ,EETLL,2021-01-29,1300
        """
      When I run "rates import prices.csv"
      Then it fails, saying:
        """
        rates: prices.csv:3: <message>
        """
      And nothing has changed

      Examples:
        | what                       | row                              | message                                                              |
        | an unknown port            | CNGGZ,FIHEL,2021-01-31,1200      | port FIHEL is unknown; import it first, or in the same file          |
        | an invalid code            | CNGGZ,EETL,2021-01-31,1200       | dest_code "EETL" is not a port code                                  |
        | a code in lower case       | cnggz,EETLL,2021-01-31,1200      | orig_code "cnggz" is not a port code                                 |
        | a region instead of a port | china,EETLL,2021-01-31,1200     | orig_code "china" is not a port code                                 |
        | a day that does not exist  | CNGGZ,EETLL,2021-02-29,1200      | day "2021-02-29" is not a calendar day as YYYY-MM-DD                 |
        | a day in another format    | CNGGZ,EETLL,31/01/2021,1200      | day "31/01/2021" is not a calendar day as YYYY-MM-DD                 |
        | a negative price           | CNGGZ,EETLL,2021-01-31,-1        | price "-1" is negative                                               |
        | a price with cents         | CNGGZ,EETLL,2021-01-31,12.50     | price "12.50" is not a whole number of USD                           |
        | an empty price             | CNGGZ,EETLL,2021-01-31,          | price "" is not a whole number of USD                                |
        | a price that is too high   | CNGGZ,EETLL,2021-01-31,2147483648 | price "2147483648" is more than 2147483647 USD                      |
        | a missing column           | CNGGZ,EETLL,2021-01-31           | wrong number of columns: 3, where the header has 4                   |
        | an extra column            | CNGGZ,EETLL,2021-01-31,1,200     | wrong number of columns: 5, where the header has 4                   |

    Scenario Outline: A port is refused because of <what>
      Given a file "ports.csv":
        """
        code,name,parent_slug
        EETLL,Tallinn,baltic
        <row>
        """
      When I run "rates import ports.csv"
      Then it fails, saying:
        """
        rates: ports.csv:3: <message>
        """
      And nothing has changed

      Examples:
        | what                      | row                | message                                                |
        | an unknown region         | FIHEL,Helsinki,suomi | port FIHEL is in region "suomi", which is unknown  |
        | a missing name            | FIHEL,,baltic      | name is empty                                          |
        | a missing region          | FIHEL,Helsinki,    | parent_slug "" is not a region slug                    |
        | an invalid code           | FI-HEL,Helsinki,gulf | code "FI-HEL" is not a port code                     |

    Scenario Outline: A region is refused because of <what>
      Given a file "regions.csv":
        """
        slug,name,parent_slug
        <row>
        """
      When I run "rates import regions.csv"
      Then it fails, saying:
        """
        rates: regions.csv:2: <message>
        """
      And nothing has changed

      Examples:
        | what                       | row                    | message                                                       |
        | an unknown parent          | finland,Finland,nordic | region "finland" is in region "nordic", which is unknown    |
        | a slug in upper case       | Finland,Finland,baltic | slug "Finland" is not a region slug                           |
        | a loop to itself           | china,China,china      | region "china" is within itself                             |
        | a loop with known regions | baltic,Baltic,gulf   | region "baltic" is within itself                            |
        | a slug that is a port code | eetll,Not Tallinn,baltic | region "eetll" is also the code of a port                   |

    Scenario: A loop among the regions of a file is refused
      Given a file "loop.sql":
        """
        COPY regions (slug, name, parent_slug) FROM stdin;
        hen	Hen	egg
        nest	Nest	egg
        egg	Egg	hen
        \.
        """
      When I run "rates import loop.sql"
      Then it fails, saying:
        """
        rates: loop.sql:2: region "hen" is within itself: its parents lead back to it
        """
      And nothing has changed

    Scenario: The same port twice with different names is refused
      Given a file "ports.csv":
        """
        code,name,parent_slug
        FIHEL,Helsinki,gulf
        FIHEL,Helsingfors,gulf
        """
      When I run "rates import ports.csv"
      Then it fails, saying:
        """
        rates: ports.csv:3: "FIHEL" is already on line 2, with another name or parent
        """
      And nothing has changed

    Scenario: Text that is not UTF-8 is refused
      Given a file "ports.csv" in Latin-1:
        """
        code,name,parent_slug
        SEGOT,Göteborg,baltic
        """
      When I run "rates import ports.csv"
      Then it fails, saying:
        """
        rates: ports.csv:2: name "G\xf6teborg" is not UTF-8
        """
      And nothing has changed

    Scenario: A dump that is cut off inside its data is refused
      Given a file "rates.sql":
        """
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-30	1200
        CNGGZ	EETLL	2021-01-29	1200
        """
      When I run "rates import rates.sql"
      Then it fails, saying:
        """
        the file is cut off: it ends inside the data of public.prices that begins on line 1
        """
      And nothing has changed

    Scenario: A dump that is cut off between two tables is refused
      Given a file "rates.sql":
        """
        --
        -- PostgreSQL database dump
        --
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-30	1200
        \.
        """
      When I run "rates import rates.sql"
      Then it fails, saying:
        """
        the file is cut off: the comment "… dump complete" at its end is missing
        """
      And nothing has changed

    Scenario: A compressed file that is cut off is refused
      Given a file "prices.csv.gz", compressed with gzip:
        """
        orig_code,dest_code,day,price
        CNGGZ,EETLL,2021-01-30,1200
        """
      And the file "prices.csv.gz" has lost its last 4 bytes
      When I run "rates import prices.csv.gz"
      Then it fails, saying:
        """
        the data is cut off; copy the file again
        """
      And nothing has changed

    Scenario Outline: A file with <what> is refused with advice
      Given a file "data.csv":
        """
        <content>
        """
      When I run "rates import data.csv"
      Then it fails, saying:
        """
        <message>
        """
      And nothing has changed

      Examples:
        | what                        | content                                                    | message                                                                        |
        | a letter                    | Dear Sir or Madam                                          | rates: data.csv: holds no regions, ports or prices                             |
        | CSV without a header        | CNGGZ,EETLL,2021-01-30,1200                                | rates: data.csv: holds no regions, ports or prices                             |
        | CSV without a column        | orig_code,dest_code,day                                    | rates: data.csv:1: the CSV header lacks the columns of regions, ports or prices |
        | a dump in custom format     | PGDMP                                                      | make it plain with pg_restore -f - FILE > FILE.sql                             |
        | a dump with INSERT          | INSERT INTO prices VALUES ('CNGGZ','EETLL','2021-01-30',1); | rates: data.csv:1: INSERT INTO prices is not applied by an import              |

    Scenario: An empty file is refused
      Given a file "prices.csv":
        """
        """
      When I run "rates import prices.csv"
      Then it fails, saying:
        """
        rates: prices.csv: is empty
        """
      And nothing has changed

    Scenario: A missing file is named
      When I run "rates import missing.csv"
      Then it fails, saying:
        """
        missing.csv: no such file or directory
        """
      And nothing has changed

  Rule: A dump gives the data that psql would give, or it is refused

    Background:
      Given a file "places.sql":
        """
        COPY regions (slug, name, parent_slug) FROM stdin;
        china	China	\N
        baltic	Baltic	\N
        \.
        COPY ports (code, name, parent_slug) FROM stdin;
        CNGGZ	Guangzhou	china
        EETLL	Tallinn	baltic
        \.
        """
      And I run "rates import places.sql"

    Scenario: The rows of tables that inherit from prices are prices
      Given a file "chunks.sql":
        """
        CREATE TABLE public.prices (orig_code text, dest_code text, day date, price integer);
        CREATE TABLE chunks.first (
            CONSTRAINT month CHECK ((day < '2021-02-01'::date))
        )
        INHERITS (public.prices);
        CREATE TABLE chunks.second (note text, orig_code text, dest_code text, day date, price integer);
        ALTER TABLE chunks.second INHERIT public.prices;
        CREATE TABLE public.prices_archive (orig_code text, dest_code text, day date, price integer);
        COPY chunks.first (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1000
        \.
        COPY chunks.second (note, orig_code, dest_code, day, price) FROM stdin;
        checked	CNGGZ	EETLL	2021-02-01	1200
        \.
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        \.
        COPY public.prices_archive (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2019-01-31	500
        \.
        """
      When I run "rates import chunks.sql"
      Then it succeeds, saying:
        """
        chunks.sql: 2 prices added
        """

    Scenario: Prices under another name are refused when the file does not tell whose they are
      Given a file "data.sql":
        """
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        \.
        COPY chunks.first (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1000
        \.
        """
      When I run "rates import data.sql"
      Then it fails, saying:
        """
        rates: data.sql:3: chunks.first has the columns of prices, and the file does not say whether its rows belong to it; dump again without pg_dump --data-only, or with --exclude-table if they do not
        """
      And nothing has changed

    Scenario: The prices of two databases are not mixed
      Given a file "cluster.sql":
        """
        \connect europe
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1000
        \.
        \connect asia
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1100
        \.
        """
      When I run "rates import cluster.sql"
      Then it fails, saying:
        """
        rates: cluster.sql:6: prices has rows in two databases, "europe" and "asia"; import one of them, made with pg_dump DATABASE > NEW.sql
        """
      And nothing has changed

    Scenario: The prices of two dumps in one file are not mixed
      Given a file "both.sql":
        """
        -- PostgreSQL database dump
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1000
        \.
        -- PostgreSQL database dump complete
        -- PostgreSQL database dump
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1000
        \.
        -- PostgreSQL database dump complete
        """
      When I run "rates import both.sql"
      Then it fails, saying:
        """
        rates: both.sql:7: prices has rows in two dumps, which begin on lines 1 and 6; import one of them, or each as a file of its own
        """
      And nothing has changed

    Scenario Outline: <what> after the rows is refused with the way out
      Given a file "edited.sql":
        """
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1000
        \.
        <statement>
        """
      When I run "rates import edited.sql"
      Then it fails, saying:
        """
        rates: edited.sql:4: <what> is not applied by an import; let PostgreSQL do it: createdb scratch && psql -d scratch -f FILE && pg_dump scratch > NEW.sql, then import NEW.sql
        """
      And nothing has changed

      Examples:
        | what                      | statement                                                          |
        | DELETE FROM prices        | DELETE FROM prices WHERE day = '2021-01-31';                       |
        | UPDATE prices             | UPDATE public.prices SET price = price * 100;                      |
        | TRUNCATE prices           | TRUNCATE TABLE carriers, prices;                                   |
        | MERGE INTO prices         | MERGE INTO prices USING fixes ON true WHEN MATCHED THEN DELETE;    |
        | INSERT INTO prices        | WITH v AS (SELECT 3 AS n) INSERT INTO prices SELECT 'CNGGZ', n FROM v; |
        | DROP TABLE prices         | DROP TABLE IF EXISTS prices;                                       |
        | ALTER TABLE prices RENAME | ALTER TABLE prices RENAME COLUMN orig_code TO code;                |
        | \i                        | \i corrections.sql                                                 |

    Scenario: Rows that the file takes back are refused
      Given a file "tried.sql":
        """
        BEGIN;
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1000
        \.
        ROLLBACK;
        """
      When I run "rates import tried.sql"
      Then it fails, saying:
        """
        rates: tried.sql:5: ROLLBACK is not applied by an import
        """
      And nothing has changed

    Scenario: A routine with names like begin and end does not hide the rest of the dump
      Given a file "routines.sql":
        """
        CREATE FUNCTION audit.begin() RETURNS integer LANGUAGE sql AS 'select 1';
        CREATE FUNCTION audit.first_day() RETURNS date
            LANGUAGE sql
            BEGIN ATOMIC
         SELECT c.begin, c."end" FROM audit.contracts c;
        END;
        COPY public.prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	EETLL	2021-01-31	1000
        \.
        """
      When I run "rates import routines.sql"
      Then it succeeds, saying:
        """
        routines.sql: 1 prices added
        """

  Rule: An interrupted import leaves nothing behind

    Background:
      Given these regions:
        | slug   |
        | china  |
        | baltic |
      And these ports:
        | code  | parent_slug |
        | CNGGZ | china       |
        | EETLL | baltic      |
      And a file "rates.sql":
        """
        COPY ports (code, name, parent_slug) FROM stdin;
        CNGGZ	Canton	baltic
        FIHEL	Helsinki	baltic
        \.
        COPY prices (orig_code, dest_code, day, price) FROM stdin;
        CNGGZ	FIHEL	2021-01-30	1200
        \.
        """

    Scenario Outline: An import ended by <signal> has changed nothing
      Given another session locks "prices" against writing
      When I run "rates import rates.sql" without waiting
      Then the import is soon waiting for the other session
      When it is sent <signal>
      Then it soon fails
      When the other session releases its lock
      Then nothing has changed
      When I run "rates import rates.sql"
      Then it succeeds
      And the data hold 2 regions, 3 ports and 1 price

      Examples:
        | signal  |
        | SIGINT  |
        | SIGTERM |
        | SIGKILL |

    Scenario: An interrupted import says that nothing was changed
      Given another session locks "prices" against writing
      When I run "rates import rates.sql" without waiting
      Then the import is soon waiting for the other session
      When it is sent SIGINT
      Then it soon fails, saying:
        """
        rates: interrupted; nothing more was changed
        """

    Scenario: A login with read access cannot import
      When the login of the service runs "rates import rates.sql"
      Then it fails, saying:
        """
        permission denied
        """
      And nothing has changed
