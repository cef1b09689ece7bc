Feature: Formats of an answer, and not sending it twice
  As someone who puts rates into a program, a spreadsheet or a cache
  I want the format I ask for, exactly as described, and only when it has changed
  So that I guess nothing and download nothing twice

  Rule: The client chooses the format

    @smoke
    Scenario Outline: A client that accepts <accept> gets <media>
      When I ask a good question with the headers:
        | Accept   |
        | <accept> |
      Then the status is 200
      And the header "Content-Type" is "<media>"
      And the header "Vary" is "Accept, Accept-Encoding"

      Examples: anything, or one of those that are offered
        | accept                                   | media                   |
        | */*                                      | application/json        |
        | application/json                         | application/json        |
        | application/*                            | application/json        |
        | text/csv                                 | text/csv; charset=utf-8 |
        | text/*                                   | text/csv; charset=utf-8 |
        | TEXT/CSV                                 | text/csv; charset=utf-8 |
        | text/csv; header=present                 | text/csv; charset=utf-8 |
        | text/csv; note="a, b"                    | text/csv; charset=utf-8 |
        | ,,,                                      | application/json        |
        | , text/csv ,                             | text/csv; charset=utf-8 |

      Examples: what browsers send for a page, and for an image
        | accept                                                          | media                    |
        | text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 | text/html; charset=utf-8 |
        | text/html                                                       | text/html; charset=utf-8 |
        | image/avif,image/webp,image/svg+xml,image/*;q=0.8,*/*;q=0.5     | image/svg+xml            |
        | image/svg+xml                                                   | image/svg+xml            |

      Examples: by weight, and JSON if weights are equal
        | accept                                   | media                   |
        | text/csv, application/json               | application/json        |
        | text/csv;q=0.9, application/json         | application/json        |
        | text/csv, application/json;q=0.9         | text/csv; charset=utf-8 |
        | text/csv;q=0.5, */*;q=0.1                | text/csv; charset=utf-8 |
        | application/json;q=0, */*                | text/csv; charset=utf-8 |
        | text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2 | application/json |

    @smoke
    Scenario: A client without an Accept header gets JSON
      When I ask a good question
      Then the status is 200
      And the header "Content-Type" is "application/json"

    @smoke
    Scenario Outline: A client that accepts only <accept> gets a list of what is offered
      When I ask a good question with the headers:
        | Accept   |
        | <accept> |
      Then the problem is:
        | status | type           |
        | 406    | not-acceptable |
      And its detail says "application/json, text/csv, text/html and image/svg+xml"

      Examples:
        | accept                             |
        | application/xml, image/png         |
        | text/csv;q=0                       |
        | application/json;q=0, text/csv;q=0 |

    @smoke
    Scenario Outline: <path> is not offered as CSV
      When I GET "<path>" with the headers:
        | Accept   |
        | text/csv |
      Then the problem is:
        | status | type           |
        | 406    | not-acceptable |
      When I GET "<path>" with the headers:
        | Accept                   |
        | text/csv, */*;q=0.1      |
      Then the status is 200
      And the header "Content-Type" is "application/json"

      Examples:
        | path     |
        | /        |
        | /ports   |
        | /regions |

    @smoke
    Scenario Outline: format=<format> gives <media> to a client that accepts <accept>
      When I GET "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL&format=<format>" with the headers:
        | Accept   |
        | <accept> |
      Then the status is 200
      And the header "Content-Type" is "<media>"

      Examples:
        | format | accept           | media                    |
        | json   | text/html        | application/json         |
        | csv    | */*              | text/csv; charset=utf-8  |
        | csv    | application/json | text/csv; charset=utf-8  |
        | html   | */*              | text/html; charset=utf-8 |
        | svg    | text/html        | image/svg+xml            |
        | svg    | image/png        | image/svg+xml            |

    @smoke
    Scenario Outline: <parameters> is refused, with the formats that are offered
      When I GET "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL&<parameters>"
      Then the problem is:
        | status | type                | parameter | value   |
        | 400    | malformed-parameter | format    | <value> |
      And its detail says "format must be one of json, csv, html and svg."

      Examples:
        | parameters      | value    |
        | format=xlsx     | xlsx     |
        | format=text/csv | text/csv |

    @smoke
    Scenario: A repeated format is refused
      When I GET "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL&format=csv&format=json"
      Then the problem is:
        | status | type               | parameter | value |
        | 400    | repeated-parameter | format    | json  |

    @smoke
    Scenario Outline: A file is called <name>
      When I GET "/rates?date_from=2021-01-01&date_to=2021-01-31&<parameters>&download=1"
      Then the status is 200
      And the header "Content-Disposition" is "attachment; filename="<name>""

      Examples: by the question, in capitals
        | parameters                                 | name                                        |
        | orig_code=CNGGZ&dest_code=EETLL&format=csv | rates_CNGGZ_EETLL_2021-01-01_2021-01-31.csv |
        | orig_code=cnggz&dest_code=eetll&format=svg | rates_CNGGZ_EETLL_2021-01-01_2021-01-31.svg |
        | lane=CNGGZ.EETLL&format=json               | rates_CNGGZ_EETLL_2021-01-01_2021-01-31.json |

    @smoke
    Scenario: The root returns a greeting to programs, and a form to browsers
      When I GET "/" with the headers:
        | Accept                                                          |
        | text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 |
      Then the status is 200
      And the answer is a page that says "What does a container cost?"

    @smoke
    Scenario: The root returns a greeting
      When I GET "/"
      Then the status is 200
      And the body is:
        """
        {"message":"Hello world!"}
        """

  Rule: A browser gets a page, whatever happens

    @smoke
    Scenario Outline: <target> is a page with the status <status>
      When I <method> "<target>" with the headers:
        | Accept                                                          |
        | text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 |
      Then the status is <status>
      And the answer is a page that says "<sentence>"
      And the header "Cache-Control" is "no-store"

      Examples:
        | method | target                                                                                     | status | sentence                                                                                   |
        | GET    | /rates                                                                                     | 400    | From is required: a calendar day as YYYY-MM-DD, for example 2021-01-31.                    |
        | GET    | /rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=Zz_no-such        | 400    | There is no such port or region. /ports and /regions list those that can be asked for.     |
        | GET    | /rates?date_from=2021-02-30&date_to=2021-03-01&orig_code=CNGGZ&dest_code=EETLL             | 400    | From must be a calendar day as YYYY-MM-DD, for example 2021-01-31.                         |
        | GET    | /nowhere                                                                                   | 404    | There is nothing here.                                                                     |
        | POST   | /rates                                                                                     | 405    | Only GET, HEAD and OPTIONS are allowed here.                                               |

    @smoke
    Scenario: A page that is asked for by its format is a page when it fails too
      When I GET "/rates?format=html"
      Then the status is 400
      And the answer is a page that says "From is required"

    @smoke
    Scenario: Who asks for data in a browser gets a problem as data
      When I GET "/rates?format=csv" with the headers:
        | Accept    |
        | text/html |
      Then the problem is:
        | status | type              | parameter |
        | 400    | missing-parameter | date_from |

    @smoke
    Scenario: A browser can list the places to choose from
      When I GET "/ports" with the headers:
        | Accept    |
        | text/html |
      Then the status is 200
      And the answer is a page that says "Choose the origin"

  Rule: Up to four lanes are drawn together

    Background:
      Given these regions:
        | slug      | name      |
        | china     | China     |
        | north-sea | North Sea |
      And these ports:
        | code  | name      | parent_slug |
        | CNGGZ | Guangzhou | china       |
        | CNSGH | Shanghai  | china       |
        | EETLL | Tallinn   | north-sea   |
      And these prices:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-31 | 1000  |

    Scenario Outline: The page of <parameters> is about <lanes>
      When I GET "/rates?date_from=2021-01-01&date_to=2021-01-31&format=html&<parameters>"
      Then the status is 200
      And the answer is a page that says "<lanes>"

      Examples: in the order of the URL, each once; a dash is enough where no slug has one
        | parameters                                               | lanes                                                                    |
        | lane=CNGGZ.EETLL                                         | Guangzhou → Tallinn                                                      |
        | lane=cnggz-eetll&lane=CNSGH.EETLL                        | A Guangzhou → Tallinn B Shanghai → Tallinn                               |
        | lane=CNSGH.EETLL&orig_code=CNGGZ&dest_code=EETLL         | A Shanghai → Tallinn B Guangzhou → Tallinn                               |
        | orig_code=CNGGZ&dest_code=EETLL&lane=CNSGH.EETLL         | A Guangzhou → Tallinn B Shanghai → Tallinn                               |
        | lane=china.north-sea&lane=CNGGZ.EETLL&lane=CHINA.NORTH-SEA | A China → North Sea B Guangzhou → Tallinn                              |

    Scenario Outline: <parameters> is refused
      When I GET "/rates?date_from=2021-01-01&date_to=2021-01-31&<parameters>"
      Then the problem is:
        | status | type   | parameter | value   |
        | 400    | <type> | lane      | <value> |
      And its detail says "<detail>"

      Examples: what is not a lane, and more than can be answered
        | parameters                                                          | type                   | value           | detail                                                                          |
        | lane=CNGGZ&format=svg                                               | malformed-parameter    | CNGGZ           | lane must be two ports or regions with a point between them                      |
        | lane=CNGGZ-north-sea&format=svg                                     | malformed-parameter    | CNGGZ-north-sea | lane must be two ports or regions with a point between them                      |
        | lane=CNGGZ.Zz_no-such&format=svg                                    | unknown-place          | CNGGZ.Zz_no-such | There is no such port or region. /ports and /regions list those                 |
        | lane=A1.B1&lane=A1.B2&lane=A1.B3&lane=A1.B4&lane=A1.B5&format=svg   | parameter-out-of-range | A1.B4           | These are 5 lanes. Compare at most 4.                                           |
        | lane=CNGGZ.EETLL&lane=CNSGH.EETLL                                   | parameter-out-of-range | CNSGH.EETLL     | JSON answers for one lane, and these are 2.                                      |
        | lane=CNGGZ.EETLL&lane=CNSGH.EETLL&format=csv                        | parameter-out-of-range | CNSGH.EETLL     | CSV answers for one lane, and these are 2.                                       |

  Rule: The format is exact

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
        | CNGGZ     | EETLL     | 2021-01-31 | 1200  |
        | CNGGZ     | EETLL     | 2021-01-31 | 1263  |
        | CNGGZ     | EETLL     | 2021-01-29 | 1000  |
        | CNGGZ     | EETLL     | 2021-01-29 | 1200  |

    Scenario: JSON, byte for byte
      When I ask for the rates from CNGGZ to EETLL, 2021-01-29 to 2021-01-31
      Then the body is:
        """
        {"rates":[{"count":3,"day":"2021-01-31","price":1154.3333333333333},{"count":null,"day":"2021-01-30","price":null},{"count":2,"day":"2021-01-29","price":null}]}
        """

    Scenario: CSV, byte for byte: the same rows, with empty fields for null
      When I ask for the rates from CNGGZ to EETLL, 2021-01-29 to 2021-01-31, with the headers:
        | Accept   |
        | text/csv |
      Then the body is, each line ended by CR LF:
        """
        day,price,count
        2021-01-31,1154.3333333333333,3
        2021-01-30,,
        2021-01-29,,2
        """

    Scenario: The list of ports, byte for byte
      When I GET "/ports"
      Then the body is:
        """
        {"ports":[{"code":"CNGGZ","name":"Guangzhou","region":"china"},{"code":"EETLL","name":"Tallinn","region":"baltic"}]}
        """

    Scenario: The list of regions, byte for byte
      When I GET "/regions"
      Then the body is:
        """
        {"regions":[{"slug":"baltic","name":"Baltic","parent":null},{"slug":"china","name":"China","parent":null}]}
        """

  Rule: An answer that the client has is not sent again

    @smoke
    Scenario Outline: An unchanged <path> is not sent again
      When I GET "<path>"
      Then the status is 200
      When I ask the same again with the ETag of that answer
      Then the status is 304
      And the body is empty
      And the ETag is the same

      Examples:
        | path                                                                           |
        | /rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL |
        | /ports                                                                         |
        | /regions                                                                       |
        | /                                                                              |
        | /openapi.yaml                                                                  |
        | /docs                                                                          |
        | /rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL&format=html |
        | /rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL&format=svg  |

    @smoke
    Scenario Outline: JSON and <media> have ETags of their own
      When I ask a good question
      And I ask a good question with the headers:
        | Accept  |
        | <media> |
      Then the ETag differs

      Examples:
        | media         |
        | text/csv      |
        | text/html     |
        | image/svg+xml |

    @smoke
    Scenario Outline: A client that sends <held> gets <status>
      When I ask a good question
      And I ask the same again with "If-None-Match" as <held>
      Then the status is <status>

      Examples: ETAG stands for the tag of the first answer
        | held              | status |
        | ETAG              | 304    |
        | W/ETAG            | 304    |
        | "other", ETAG     | 304    |
        | *                 | 304    |
        | "other"           | 200    |
        | W/"other", "more" | 200    |

    @smoke
    Scenario: A client that accepts any ETag still gets an error for a place that does not exist
      When I ask a good question
      And I GET "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=Zz_no-such-Place_zZ" with the headers:
        | If-None-Match |
        | *             |
      Then the problem is:
        | status | type          | parameter | value               |
        | 400    | unknown-place | dest_code | Zz_no-such-Place_zZ |

    @smoke
    Scenario: An answer may be kept, but must be checked before it is used again
      When I ask a good question
      Then the header "Cache-Control" is "no-cache, must-revalidate"

  Rule: A long answer is compressed for a client that accepts it

    @smoke
    Scenario Outline: A client that accepts <accept> gets fewer bytes
      When I GET "/openapi.yaml"
      And I GET "/openapi.yaml" with the headers:
        | Accept-Encoding |
        | <accept>        |
      Then the status is 200
      And the header "Content-Encoding" is "gzip"
      And the header "Vary" is "Accept-Encoding"
      And the body is the same as before in at most half the bytes
      And the ETag differs

      Examples:
        | accept                     |
        | gzip                       |
        | x-gzip                     |
        | gzip, deflate, br, zstd    |
        | br;q=1, gzip;q=0.1         |
        | *                          |
        | gzip, identity;q=0         |

    @smoke
    Scenario Outline: A client that accepts <accept> gets the answer as it is
      When I GET "/openapi.yaml" with the headers:
        | Accept-Encoding |
        | <accept>        |
      Then the status is 200
      And there is no header "Content-Encoding"
      And the header "Vary" is "Accept-Encoding"

      Examples:
        | accept               |
        | identity             |
        | br                   |
        | gzip;q=0             |
        | gzip;q=0, *          |
        | gzip;q=0.5, identity |

    @smoke
    Scenario: A client that accepts no offered encoding is told which there are
      When I GET "/openapi.yaml" with the headers:
        | Accept-Encoding  |
        | br, identity;q=0 |
      Then the problem is:
        | status | type           |
        | 406    | not-acceptable |
      And its detail says "gzip"

    @smoke
    Scenario: A short answer is not compressed
      When I GET "/" with the headers:
        | Accept-Encoding |
        | gzip            |
      Then the status is 200
      And there is no header "Content-Encoding"

    @smoke
    Scenario: A compressed answer that the client has is not sent again
      When I GET "/openapi.yaml" with the headers:
        | Accept-Encoding |
        | gzip            |
      And I ask the same again with the ETag of that answer
      Then the status is 304
      And the body is empty
      And the ETag is the same

  Rule: The ETag changes with the data

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
        | CNGGZ     | EETLL     | 2021-01-31 | 1000  |

    Scenario: A new price changes the rates
      When I ask a good question
      And these prices are added:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-30 | 7     |
      Then the ETag soon changes
      And a client that has the old answer soon gets the new one

    Scenario: A removed price changes the rates
      When I ask a good question
      And these prices are removed:
        | orig_code | dest_code | day        | price |
        | CNGGZ     | EETLL     | 2021-01-31 | 1000  |
      Then the ETag soon changes
      And a client that has the old answer soon gets the new one

    Scenario: A port that moves changes the rates of its regions
      When I ask for the rates from china to baltic, 2021-01-31 to 2021-01-31
      And these ports are changed:
        | code  | parent_slug |
        | CNGGZ | baltic      |
      Then the ETag soon changes
      And a client that has the old answer soon gets the new one

    Scenario: A renamed port changes the list of ports
      When I GET "/ports"
      And these ports are changed:
        | code  | name   | parent_slug |
        | CNGGZ | Canton | china       |
      Then the ETag soon changes
      And a client that has the old answer soon gets the new one

    Scenario: A new region changes the list of regions
      When I GET "/regions"
      And these regions are added:
        | slug        | parent_slug |
        | south_china | china       |
      Then the ETag soon changes
      And a client that has the old answer soon gets the new one

  Rule: HEAD describes an answer, OPTIONS the allowed methods

    @smoke
    Scenario Outline: HEAD <path> has the headers of GET and no body
      When I GET "<path>"
      And I HEAD "<path>"
      Then the status is <status>
      And the body is empty
      And the headers are the same as before

      Examples:
        | path                                                                           | status |
        | /rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL | 200    |
        | /ports                                                                         | 200    |
        | /regions                                                                       | 200    |
        | /                                                                              | 200    |
        | /openapi.yaml                                                                  | 200    |
        | /docs                                                                          | 200    |
        | /healthz                                                                       | 200    |
        | /readyz                                                                        | 200    |
        | /rates                                                                         | 400    |
        | /nowhere                                                                       | 404    |

    @smoke
    Scenario Outline: OPTIONS <path> lists the allowed methods
      When I OPTIONS "<path>"
      Then the status is 204
      And the header "Allow" is "GET, HEAD, OPTIONS"
      And the body is empty

      Examples:
        | path          |
        | /rates        |
        | /ports        |
        | /regions      |
        | /             |
        | /openapi.yaml |
        | /docs         |
        | /healthz      |
        | /readyz       |

  Rule: A page has the form filled in and the chart, and all that it needs

    @smoke
    Scenario: The start is a page with the form of a question
      When I GET "/" with the headers:
        | Accept                            |
        | text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 |
      Then the status is 200
      And the header "Content-Type" is "text/html; charset=utf-8"
      And the page has the fields "orig_code, dest_code, date_from, date_to"
      And the page loads nothing from another site

    @smoke
    Scenario: The answer is a page with the form filled in, and a chart
      When I ask a good question with the headers:
        | Accept                            |
        | text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 |
      Then the status is 200
      And the header "Content-Type" is "text/html; charset=utf-8"
      And the page has the field "orig_code" with "CNGGZ"
      And the page has the field "date_to" with "2021-01-31"
      And the page has a chart of "2021-01-01 to 2021-01-31"
      And the page loads nothing from another site

    @smoke
    Scenario: The chart alone is an image
      When I ask a good question with "format=svg" instead
      Then the status is 200
      And the header "Content-Type" is "image/svg+xml"
      And the page has a chart of "2021-01-01 to 2021-01-31"
      And the page loads nothing from another site

    @smoke
    Scenario: A refused question is a page with what was sent
      When I GET "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=Zz_no-such-Place_zZ" with the headers:
        | Accept                            |
        | text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 |
      Then the status is 400
      And the header "Content-Type" is "text/html; charset=utf-8"
      And the page has the field "dest_code" with "Zz_no-such-Place_zZ"
