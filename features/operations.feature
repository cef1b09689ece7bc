Feature: Running the service
  As an engineer who is on call for the service
  I want it to report its health, to fail in a way that clients understand, and to start and stop without losing a request
  So that I am woken only when I am needed

  Rule: The service reports its health

    @smoke
    Scenario: It reports that it is alive
      When I GET "/healthz"
      Then the status is 200
      And the body is:
        """
        {"status":"alive"}
        """
      And the header "Cache-Control" is "no-store"

    @smoke
    Scenario: It reports that it can answer
      When I GET "/readyz"
      Then the status is 200
      And the body is:
        """
        {"status":"ready"}
        """
      And the header "Cache-Control" is "no-store"

    @smoke
    Scenario: It serves its own contract
      When I GET "/openapi.yaml"
      Then the status is 200
      And the header "Content-Type" is "application/yaml"
      And the body is an OpenAPI document with the paths "/, /docs, /healthz, /openapi.yaml, /ports, /rates, /readyz, /regions"

    Scenario: It counts its answers, for its operators only
      When I ask a good question
      And I GET "/ports"
      And I GET "/nowhere"
      And I POST "/ports"
      Then the metrics soon show:
        | metric                                                            | value |
        | http_requests_total{method="GET",route="/rates",status="400"}     | 1     |
        | http_requests_total{method="GET",route="/ports",status="200"}     | 1     |
        | http_requests_total{method="GET",route="unmatched",status="404"}  | 1     |
        | http_requests_total{method="POST",route="/ports",status="405"}    | 1     |
        | http_request_duration_seconds_count{route="/ports"}               | 2     |
        | http_requests_in_flight                                           | 0     |
        | database_connections_max                                          | 16    |

    Scenario: It logs each request under its id
      When I GET "/nowhere?a=b" with the headers:
        | X-Request-Id |
        | order-66     |
      Then the log soon holds a line with:
        | key        | value    |
        | msg        | request  |
        | request_id | order-66 |
        | method     | GET      |
        | path       | /nowhere |
        | query      | a=b      |
        | status     | 404      |
        | level      | INFO     |

  Rule: Every answer has the headers that protect a browser, and no others

    @smoke
    Scenario Outline: <method> <path> is answered with <status> and these headers
      When I <method> "<path>"
      Then the status is <status>
      And the headers are:
        | header                       | value                                      |
        | X-Content-Type-Options       | nosniff                                    |
        | Content-Security-Policy      | default-src 'none'; frame-ancestors 'none' |
        | Cross-Origin-Resource-Policy | same-origin                                |
      And there is no header "Permissions-Policy"
      And there is no header "Cross-Origin-Opener-Policy"
      And there is no header "Cross-Origin-Embedder-Policy"
      And the header "Cache-Control" is "<cache>"
      And there is no header "Server"
      And there is no header "Access-Control-Allow-Origin"
      And the answer has a request id

      Examples:
        | method  | path                                                                           | status | cache                     |
        | GET     | /rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL | 200    | no-cache, must-revalidate |
        | GET     | /ports                                                                         | 200    | no-cache, must-revalidate |
        | GET     | /regions                                                                       | 200    | no-cache, must-revalidate |
        | GET     | /                                                                              | 200    | no-cache, must-revalidate |
        | GET     | /openapi.yaml                                                                  | 200    | no-cache, must-revalidate |
        | GET     | /healthz                                                                       | 200    | no-store                  |
        | GET     | /readyz                                                                        | 200    | no-store                  |
        | HEAD    | /ports                                                                         | 200    | no-cache, must-revalidate |
        | OPTIONS | /rates                                                                         | 204    | no-cache, must-revalidate |
        | GET     | /rates                                                                         | 400    | no-store                  |
        | GET     | /nowhere                                                                       | 404    | no-store                  |
        | DELETE  | /rates                                                                         | 405    | no-store                  |

    @smoke
    Scenario Outline: A page has those of a document: <method> <path>
      When I <method> "<path>" with the headers:
        | Accept    |
        | text/html |
      Then the headers are:
        | header                       | value                                                                                                                                                    |
        | X-Content-Type-Options       | nosniff                                                                                                                                                  |
        | Content-Security-Policy      | default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none' |
        | Permissions-Policy           | camera=(), geolocation=(), microphone=(), payment=(), usb=()                                                                                             |
        | Cross-Origin-Resource-Policy | same-origin                                                                                                                                              |
        | Cross-Origin-Opener-Policy   | same-origin                                                                                                                                              |
        | Cross-Origin-Embedder-Policy | require-corp                                                                                                                                             |

      Examples:
        | method | path     |
        | GET    | /        |
        | HEAD   | /        |
        | GET    | /docs    |
        | GET    | /rates   |
        | GET    | /nowhere |

    Scenario: A request that is refused before it is read has them too
      When I OPTIONS "/rates" with the headers:
        | Expect      |
        | a good year |
      Then the status is 417
      And the header "X-Content-Type-Options" is "nosniff"
      And the header "Cache-Control" is "no-store"
      And the answer has a request id

    Scenario Outline: Behind TLS, browsers are told to insist on it: X-Forwarded-Proto is <proto>
      When I GET "/" with the headers:
        | X-Forwarded-Proto |
        | <proto>           |
      Then the header "Strict-Transport-Security" is "max-age=31536000; includeSubDomains"

      Examples:
        | proto       |
        | https       |
        | HTTPS       |
        | https, http |

    Scenario Outline: Without TLS they are not: X-Forwarded-Proto is <proto>
      When I GET "/" with the headers:
        | X-Forwarded-Proto |
        | <proto>           |
      Then there is no header "Strict-Transport-Security"

      Examples:
        | proto       |
        |             |
        | http        |
        | http, https |

  Rule: Every request has an id

    @smoke
    Scenario: A problem repeats the id, so that it can be reported
      When I GET "/nowhere"
      Then the answer has a request id
      And the problem's request id is that of the header

    @smoke
    Scenario: Two requests have two ids
      When I GET "/healthz"
      And I GET "/healthz"
      Then the header "X-Request-Id" differs from the previous one

    Scenario Outline: The id <id> is kept
      When I GET "/healthz" with the headers:
        | X-Request-Id |
        | <id>         |
      Then the header "X-Request-Id" is "<id>"

      Examples:
        | id                                                               |
        | 7                                                                |
        | order-66_B.2                                                     |
        | 0123456789012345678901234567890123456789012345678901234567890123 |

    Scenario Outline: The id <id> is replaced, because <reason>
      When I GET "/healthz" with the headers:
        | X-Request-Id |
        | <id>         |
      Then the header "X-Request-Id" is not "<id>"
      And the answer has a request id

      Examples:
        | id                                                                | reason                         |
        | two words                                                         | it has a space                 |
        | {"level":"ERROR"}                                                 | it could forge a line of a log |
        | 01234567890123456789012345678901234567890123456789012345678901234 | it has 65 characters           |

  Rule: An unavailable database is reported, and the service recovers without a restart

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
        | CNGGZ     | EETLL     | 2021-01-31 | 1     |
        | CNGGZ     | EETLL     | 2021-01-31 | 2     |
        | CNGGZ     | EETLL     | 2021-01-31 | 3     |
      And a line to the database that can be cut

    Scenario: While the database is unavailable the service is alive, not ready, and answers 503 with Retry-After
      When I GET "/readyz"
      Then the status is 200
      When the line to the database is cut
      Then GET "/readyz" soon answers 503
      And the problem is:
        | status | type                 |
        | 503    | database-unavailable |
      And the header "Retry-After" is "5"
      When I GET "/healthz"
      Then the status is 200
      When I ask a good question
      Then the problem is:
        | status | type                 |
        | 503    | database-unavailable |
      And the header "Retry-After" is "5"
      And the header "Cache-Control" is "no-store"
      And the answer has a request id
      When I GET "/ports"
      Then the problem is:
        | status | type                 |
        | 503    | database-unavailable |
      And the log soon holds a line with:
        | key    | value   |
        | level  | ERROR   |
        | msg    | request |
        | path   | /rates  |
        | status | 503     |

    Scenario: Once the database is back the service answers again
      When I GET "/readyz"
      And the line to the database is cut
      Then GET "/readyz" soon answers 503
      When the line to the database is restored
      Then GET "/readyz" soon answers 200
      When I ask for the rates from CNGGZ to EETLL, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count | price |
        | 2021-01-31 | 3     | 2     |

    Scenario: A restart of the database does not need one of the service
      When I ask for the rates from CNGGZ to EETLL, 2021-01-30 to 2021-01-31
      And the line to the database is cut
      And the line to the database is restored
      Then the same question soon gives:
        | day        | count | price |
        | 2021-01-31 | 3     | 2     |
        | 2021-01-30 | null  | null  |

    Scenario: A login that the database refuses from now on is answered with 503
      When I GET "/readyz"
      Then the status is 200
      When the database refuses the service from now on
      Then GET "/readyz" soon answers 503
      And the problem is:
        | status | type                 |
        | 503    | database-unavailable |
      And the header "Retry-After" is "5"
      When I ask a good question
      Then the problem is:
        | status | type                 |
        | 503    | database-unavailable |
      And the header "Retry-After" is "5"

    Scenario: A question that loses its database is answered with 503
      Given another session locks the data against reading
      When I ask a good question without waiting
      Then the database is soon busy with the question
      When the line to the database is cut
      Then the waiting question is answered with 503
      And the problem is:
        | status | type                 |
        | 503    | database-unavailable |

    Scenario: A silent database does not block the service
      When I GET "/readyz"
      Then the status is 200
      When the line to the database falls silent
      Then GET "/readyz" soon answers 503
      When I GET "/healthz"
      Then the status is 200
      When the line to the database is restored
      Then GET "/readyz" soon answers 200

  Rule: Too many questions are refused, and slow questions are cancelled

    Background:
      Given these regions:
        | slug   |
        | china  |
        | baltic |
      And these ports:
        | code  | parent_slug |
        | CNGGZ | china       |
        | EETLL | baltic      |

    Scenario: A question beyond the limit is refused at once, the others are answered
      Given the service runs with:
        | RATES_MAX_QUESTIONS |
        | 1                   |
      And another session locks the data against reading
      When I ask a good question without waiting
      Then the database is soon busy with the question
      When I ask for the rates from EETLL to CNGGZ, 2021-01-01 to 2021-01-31
      Then the problem is:
        | status | type     |
        | 503    | too-busy |
      And the header "Retry-After" is "1"
      When I GET "/healthz"
      Then the status is 200
      When the other session releases its lock
      Then the waiting question is answered with 200

    Scenario: A question that the database will not answer soon is refused soon
      Given the service runs with:
        | RATES_DATABASE_CONNS |
        | 1                    |
      And another session locks the data against reading
      When I ask a good question without waiting
      Then the database is soon busy with the question
      When I ask for the rates from EETLL to CNGGZ, 2021-01-01 to 2021-01-31
      Then the problem is:
        | status | type     |
        | 503    | too-busy |
      And the header "Retry-After" is "1"
      And the metrics soon show:
        | metric                     | value |
        | questions{state="asked"}   | 1     |
        | questions{state="waiting"} | 0     |
        | questions_refused_total    | 1     |
      When the other session releases its lock
      Then the waiting question is answered with 200

    Scenario: A question that takes too long is cancelled, in the database too
      Given the service runs with:
        | RATES_QUESTION_TIMEOUT |
        | 250ms                  |
      And another session locks the data against reading
      When I ask a good question
      Then the problem is:
        | status | type    |
        | 504    | timeout |
      And the database is soon done with the question
      When the other session releases its lock
      Then GET "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL" soon answers 200

    Scenario: A client that hangs up cancels its question, in the database too
      Given another session locks the data against reading
      When I ask a good question without waiting
      Then the database is soon busy with the question
      When the client hangs up
      Then the database is soon done with the question
      And the log soon holds a line with:
        | key    | value  |
        | path   | /rates |
        | status | 499    |

  Rule: The service starts and stops without losing a request

    Background:
      Given these regions:
        | slug   |
        | china  |
        | baltic |
      And these ports:
        | code  | parent_slug |
        | CNGGZ | china       |
        | EETLL | baltic      |

    Scenario: Told to stop, it says that it is not ready and still answers
      Given the service runs with:
        | RATES_DRAIN_DELAY |
        | 1h                |
      And another session locks the data against reading
      When the service is started
      And I ask a good question without waiting
      Then the database is soon busy with the question
      When the service is told to stop
      Then GET "/readyz" soon answers 503
      And the header "Connection" is "close"
      When I GET "/healthz"
      Then the status is 200
      When the other session releases its lock
      Then the waiting question is answered with 200
      When it is sent SIGINT
      Then it soon fails

    Scenario: Told to stop while it answers a question, it waits for the answer
      Given another session locks the data against reading
      When I ask a good question without waiting
      Then the database is soon busy with the question
      When the service is told to stop
      Then new connections are soon refused
      When the other session releases its lock
      Then the waiting question is answered with 200
      And the service soon ends with exit code 0

    Scenario: Told to stop, it tells an idle connection before it closes it
      Given the service runs with:
        | RATES_DRAIN_DELAY |
        | 1ms               |
      And I GET "/healthz"
      When the service is told to stop
      Then new connections are soon refused
      When I GET "/healthz"
      Then the status is 200
      And the header "Connection" is "close"
      And the service soon ends with exit code 0

    Scenario: It waits no longer than configured
      Given the service runs with:
        | RATES_DRAIN_TIMEOUT |
        | 200ms               |
      And another session locks the data against reading
      When I ask a good question without waiting
      Then the database is soon busy with the question
      When the service is told to stop
      Then the service soon ends with exit code 1

  Rule: It starts only where it can work, and says what is missing

    Scenario: It waits a limited time for a database that does not answer
      Given the service runs with:
        | DATABASE_URL                                      | RATES_DATABASE_WAIT |
        | postgres://reader:open-sesame@127.0.0.1:1/nowhere | 50ms                |
      When the service is started
      Then it fails with exit code 1, saying:
        """
        the database did not answer within 50ms; check DATABASE_URL and that the database runs
        """
      And nothing it wrote holds "open-sesame"

    Scenario Outline: A database that answers and refuses is not waited for: <refused>
      Given the service runs with:
        | RATES_DATABASE_WAIT |
        | 1h                  |
      And the connection string of the service also has "<parameters>"
      When the service is started
      Then it fails with exit code 1, saying:
        """
        <message>
        """
      And nothing it wrote holds "waiting for the database"

      Examples:
        | refused              | parameters          | message                                                                                                            |
        | an unknown parameter | no_such_setting=1   | unrecognized configuration parameter "no_such_setting" (SQLSTATE 42704); remove the parameter                      |
        | an unknown login     | user=nobody         | role "nobody" does not exist (SQLSTATE 28000); check the user, and what pg_hba.conf and sslmode allow              |
        | an unknown database  | dbname=nowhere      | database "nowhere" does not exist (SQLSTATE 3D000); create the database, or correct its name                       |

    Scenario Outline: A connection string of <whom> is refused, with what is wrong
      Given the service runs with:
        | DATABASE_URL |
        | <string>     |
      When the service is started
      Then it fails with exit code 1, saying:
        """
        <message>
        """
      And nothing it wrote holds "open-sesame"

      Examples:
        | whom          | string                                                            | message                                                                                        |
        | JDBC          | jdbc:postgresql://db/rates?user=reader&password=open-sesame       | the connection string begins with jdbc:postgresql://, which is for another driver              |
        | SQLAlchemy    | postgresql+asyncpg://reader:open-sesame@db/rates                  | the connection string begins with postgresql+asyncpg://, which is for another driver           |
        | MySQL         | mysql://reader:open-sesame@db/rates                               | the connection string begins with mysql://, which is not PostgreSQL                            |
        | Prisma        | postgres://reader:open-sesame@db/rates?schema=public              | the connection string has the parameter schema: libpq does not know it                         |
        | ADO.NET       | Host=db;Username=reader;Password=open-sesame                      | the connection string has the parameter Host: write it in lower case                           |
        | a careful DBA | postgres://reader:open-sesame@db/rates?sslcrl=/etc/revoked.crl    | the connection string has the parameter sslcrl: certificate revocation lists are not supported |

    Scenario: Parameters of libpq that change nothing here are named once
      Given the connection string of the service also has "gssencmode=prefer&keepalives_idle=60&tcp_user_timeout=5000"
      When I GET "/readyz"
      Then the status is 200
      And the log soon holds a line with:
        | key        | value                                              |
        | level      | WARN                                               |
        | msg        | parameters of the connection string have no effect |
        | parameters | gssencmode, tcp_user_timeout                       |

    Scenario: The server that takes writes is found, although the service only reads
      Given the connection string of the service also has "target_session_attrs=read-write"
      When I GET "/readyz"
      Then the status is 200

    Scenario: A server that takes writes is not the read-only one that was asked for
      Given the service runs with:
        | RATES_DATABASE_WAIT |
        | 50ms                |
      And the connection string of the service also has "target_session_attrs=read-only"
      When the service is started
      Then it fails with exit code 1, saying:
        """
        connection is not read only
        """

    Scenario: It waits for a database that starts later
      Given a line to the database that can be cut
      And the line to the database is cut
      When the service is started without waiting
      Then the service waits for its database
      When the line to the database is restored
      Then the service is soon ready
      When I GET "/readyz"
      Then the status is 200

    Scenario: An empty database is refused, with the command that fixes it
      Given an empty database
      When the service is started
      Then it fails with exit code 1, saying:
        """
        it is empty; run 'rates migrate' first
        """
      When I run "rates migrate"
      Then it succeeds
      When I GET "/readyz"
      Then the status is 200

    @one-node
    Scenario: Sums are spread over several nodes only where Citus is
      When I run "rates migrate --distributed"
      Then it fails with exit code 1, saying:
        """
        the database has no Citus
        """
      When I run "rates verify"
      Then it succeeds
      When I run "rates migrate --undistributed"
      Then it succeeds, saying:
        """
        nothing to do: the schema is at version
        """

    @one-node
    Scenario: An older schema is refused, with the command that fixes it
      When I run "rates migrate --to 1"
      Then it succeeds
      When the service is started
      Then it fails with exit code 1, saying:
        """
        it is older; run 'rates migrate'
        """

    Scenario: A newer schema that works with the program is as good as its own
      Given the schema of the database is newer than the program
      When I GET "/readyz"
      Then the status is 200
      When I run "rates migrate"
      Then it succeeds, saying:
        """
        , which works with this program
        """
      When I run "rates verify"
      Then it succeeds

    Scenario Outline: A newer schema that needs a newer program is refused by <command>, with what fixes it
      Given the schema of the database needs a newer program
      When I run "rates <command>"
      Then it fails with exit code 1, saying:
        """
        <said>
        """

      Examples:
        | command | said                                       |
        | migrate | use a newer program                        |
        | verify  | it is newer and works only with programs   |

    Scenario: The service does not start on a newer schema that needs a newer program
      Given the schema of the database needs a newer program
      When the service is started
      Then it fails with exit code 1, saying:
        """
        it is newer and works only with programs from version
        """

    Scenario: The service is not ready while the schema needs a newer program
      When I GET "/readyz"
      Then the status is 200
      Given the schema of the database needs a newer program
      When I GET "/readyz"
      Then the status is 503

    Scenario: A migration with nothing to do says so
      When I run "rates migrate"
      Then it succeeds, saying:
        """
        nothing to do: the schema is at version
        """

    Scenario: A port in use is named
      Given another program listens on the address of the service
      When the service is started
      Then it fails with exit code 1, saying:
        """
        is in use by another program; stop it, or choose another port with RATES_ADDR
        """

    Scenario Outline: <value> as <variable> is refused, with what was expected
      Given the service runs with:
        | <variable> |
        | <value>    |
      When the service is started
      Then it fails with exit code 2, saying:
        """
        <variable>) is <shown>; expected <expected>
        """

      Examples:
        | variable               | value    | shown      | expected                                      |
        | RATES_ADDR             | nonsense | "nonsense" | HOST:PORT or :PORT, for example :3000         |
        | RATES_ADMIN_ADDR       | on       | "on"       | HOST:PORT or :PORT, for example :3000         |
        | RATES_MAX_DAYS         | 0        | 0          | 1 to 100000                                   |
        | RATES_MAX_QUESTIONS    | 0        | 0          | 1 to 100000                                   |
        | RATES_QUESTION_TIMEOUT | 0s       | 0s         | 1ms to 24h0m0s                                |
        | RATES_DRAIN_DELAY      | -1s      | -1s        | 0s to 24h0m0s                                 |

    Scenario: A database must be named
      Given the service runs with:
        | DATABASE_URL |
        |              |
      When the service is started
      Then it fails with exit code 2, saying:
        """
        DATABASE_URL (or --database-url) is required
        """

  Rule: What a database sets for other programs does not matter

    Scenario: The whole service works on a database with settings of its own
      Given an empty database
      And the database sets for its sessions:
        | setting                             | value        |
        | statement_timeout                   | 200ms        |
        | lock_timeout                        | 1ms          |
        | idle_in_transaction_session_timeout | 1ms          |
        | search_path                         | other        |
        | quote_all_identifiers               | on           |
        | default_transaction_read_only       | on           |
        | default_transaction_isolation       | serializable |
        | standard_conforming_strings         | off          |
        | DateStyle                           | SQL, DMY     |
        | TimeZone                            | Asia/Tokyo   |
      And a file "places.sql":
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
      And a file "prices.csv":
        """
        orig_code,dest_code,day,price
        CNGGZ,EETLL,2021-02-01,10
        CNGGZ,EETLL,2021-02-01,20
        CNGGZ,EETLL,2021-02-01,60
        """
      When I run "rates migrate"
      Then it succeeds
      When I run "rates import places.sql prices.csv"
      Then it succeeds
      When I ask for the rates from china to baltic, 2021-02-01 to 2021-02-01
      Then the rates are:
        | day        | count | price |
        | 2021-02-01 | 3     | 30    |
      When I run "rates import --again prices.csv"
      Then it succeeds
      And the same question soon gives:
        | day        | count | price |
        | 2021-02-01 | 6     | 30    |
      When I run "rates import --replace places.sql prices.csv"
      Then it succeeds
      And the same question soon gives:
        | day        | count | price |
        | 2021-02-01 | 3     | 30    |
      When I run "rates verify"
      Then it succeeds

  Rule: The program describes its use

    Scenario Outline: "rates <arguments>" shows how it is used
      When I run "rates <arguments>"
      Then it succeeds, saying:
        """
        Usage: rates <usage>
        """

      Examples:
        | arguments      | usage                       |
        | --help         | <command>                   |
        | serve --help   | serve [flags]               |
        | migrate --help | migrate [flags]             |
        | import --help  | import [<file> ...] [flags] |
        | version --help | version                     |

    Scenario: It prints its version
      When I run "rates version"
      Then it succeeds, saying:
        """
        rates
        """

    Scenario Outline: "rates <arguments>" is refused
      When I run "rates <arguments>"
      Then it fails with exit code 2, saying:
        """
        <message>
        """

      Examples:
        | arguments         | message                                |
        | sell              | unexpected argument sell               |
        | serve --fast      | unknown flag --fast                    |
        | import            | expected "<file> ..." or --sample      |
        | migrate --to 4711 | --to is 4711; expected 0 to            |

  Rule: The service needs a login that can only read

    Background:
      Given these regions:
        | slug  |
        | china |
      And these ports:
        | code  | parent_slug |
        | CNGGZ | china       |

    Scenario Outline: The login of the service cannot <do>
      When the login of the service runs:
        """
        <sql>
        """
      Then the database denies permission

      Examples:
        | do                       | sql                                                                 |
        | add a price              | INSERT INTO prices VALUES ('CNGGZ', 'CNGGZ', '2021-01-31', 1)       |
        | change a port            | UPDATE ports SET name = 'Mine'                                      |
        | delete a region          | DELETE FROM regions                                                 |
        | empty the prices         | TRUNCATE prices                                                     |
        | change a daily sum       | UPDATE daily_rates SET total = 0                                    |
        | forge an import          | INSERT INTO imports (sha256, file, regions, ports, prices) VALUES (repeat('0', 64), 'x', 0, 0, 0) |
        | block writers            | SELECT lock_data()                                                  |
        | create a table           | CREATE TABLE mine (x int)                                           |
        | drop a table             | DROP TABLE prices                                                   |

    Scenario: That login is all that the service needs
      When the login of the service runs:
        """
        SELECT count(*) FROM daily_rates
        """
      Then the database allows it
      When I ask for the rates from CNGGZ to CNGGZ, 2021-01-31 to 2021-01-31
      Then the rates are:
        | day        | count | price |
        | 2021-01-31 | null  | null  |
