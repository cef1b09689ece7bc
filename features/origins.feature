Feature: Reading answers from another site
  As someone who draws rates on a site of my own
  I want the scripts of my site to read the service's answers, once its operators allow that
  So that I need no program between the two, and no other site reads what I may

  Scenario: No other site may read answers unless the operators say so
    When I GET "/ports" with the headers:
      | Origin                     |
      | https://nobody.example.org |
    Then the status is 200
    And there is no header "Access-Control-Allow-Origin"
    And the header "Cross-Origin-Resource-Policy" is "same-origin"

  Scenario Outline: With <setting>, a page of <origin> may read what concerns <reader>
    Given the service runs with:
      | RATES_ALLOWED_ORIGINS |
      | <setting>             |
    When I GET "/rates" with the headers:
      | Origin   |
      | <origin> |
    Then the status is 400
    And the headers are:
      | header                        | value              |
      | Access-Control-Allow-Origin   | <reader>           |
      | Access-Control-Expose-Headers | ETag, X-Request-Id |
      | Cross-Origin-Resource-Policy  | cross-origin       |
      | Vary                          | <vary>             |
    And there is no header "Access-Control-Allow-Credentials"

    Examples:
      | setting                                          | origin                     | reader                     | vary                            |
      | https://charts.example.com                       | https://charts.example.com | https://charts.example.com | Accept, Accept-Encoding, Origin |
      | https://charts.example.com,http://localhost:8080 | https://charts.example.com | https://charts.example.com | Accept, Accept-Encoding, Origin |
      | *                                                | https://nobody.example.org | *                          | Accept, Accept-Encoding, Origin |

  Scenario Outline: With <setting>, a page of <origin> may not read answers
    Given the service runs with:
      | RATES_ALLOWED_ORIGINS |
      | <setting>             |
    When I GET "/ports" with the headers:
      | Origin   |
      | <origin> |
    Then the status is 200
    And there is no header "Access-Control-Allow-Origin"
    And the header "Cross-Origin-Resource-Policy" is "same-origin"

    Examples:
      | setting                    | origin                          |
      | https://charts.example.com | https://nobody.example.org      |
      | https://charts.example.com | http://charts.example.com       |
      | https://charts.example.com | https://charts.example.com.evil |
      | *                          | null                            |

  Scenario: A browser that asks first is told what a page may send
    Given the service runs with:
      | RATES_ALLOWED_ORIGINS      |
      | https://charts.example.com |
    When I OPTIONS "/rates" with the headers:
      | Origin                     | Access-Control-Request-Method | Access-Control-Request-Headers |
      | https://charts.example.com | GET                           | if-none-match                  |
    Then the status is 204
    And the headers are:
      | header                       | value                               |
      | Access-Control-Allow-Origin  | https://charts.example.com          |
      | Access-Control-Allow-Methods | GET, HEAD, OPTIONS                  |
      | Access-Control-Allow-Headers | Accept, If-None-Match, X-Request-Id |
      | Access-Control-Max-Age       | 7200                                |
