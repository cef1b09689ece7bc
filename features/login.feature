Feature: Logging in to the database without a password
  As a platform engineer
  I want the service to log in with tokens of its own identity, or with a login from a file
  So that no password has to be kept, handed over or forgotten

  Rule: With RATES_DATABASE_LOGIN=azure each connection has a token of the identity

    Background:
      Given a database that accepts tokens of Entra only

    @tokens
    Scenario: A fresh token logs in
      When the service is started
      And I GET "/readyz"
      Then the status is 200
      And the service soon gets change notifications
      And the service wrote no token

    @tokens
    Scenario Outline: A token that is not right is refused: <why>
      Given the tokens say "<claim>": "<value>"
      When the service is started
      Then it fails, saying:
        """
        the database refuses the connection with the login from the source "azure": FATAL: LDAP authentication failed for user "rates_service" (SQLSTATE 28000); check that AZURE_CLIENT_ID is the identity that the role was made for
        """
      And the service wrote no token

      Examples:
        | why              | claim | value                         |
        | expired          | exp   | 1000000000                    |
        | another audience | aud   | https://vault.azure.net       |
        | another identity | oid   | oid-migrate                   |
        | another issuer   | iss   | https://sts.windows.net/other/ |

    @tokens
    Scenario: An endpoint that is away for less than the life of a token loses nothing
      Given tokens live for 60 seconds, and connections for 1 second
      When the service is started
      And the endpoint of the identity goes away
      Then all questions of the next 10 seconds are answered
      When the endpoint of the identity is back
      Then all questions of the next 2 seconds are answered

    @tokens
    Scenario: Tokens that end every few seconds lose nothing
      Given tokens live for 5 seconds, and connections for 2 seconds
      When the service is started
      Then all questions are answered until 6 tokens were used
      And the service wrote no token

    @tokens
    Scenario: Without a token the service is not ready, and says why
      Given tokens live for 2 seconds, and connections for 1 second
      When the service is started
      And the endpoint of the identity goes away
      Then GET "/readyz" soon answers 503
      And the log of the service soon holds "the endpoint is away"
      When the endpoint of the identity is back
      Then GET "/readyz" soon answers 200

    @tokens
    Scenario: A command waits for an endpoint that starts later than itself
      When the endpoint of the identity goes away
      And "rates migrate" is run with a token, without waiting
      And the endpoint of the identity was asked
      And the endpoint of the identity is back
      Then it soon succeeds

    @tokens
    Scenario: A password besides the token is refused
      Given the connection string has the password "hunter2"
      When the service is started
      Then it fails, saying:
        """
        there is a password besides the token; remove it from the connection string, PGPASSWORD, the service file and the passfile
        """
      And nothing it wrote holds "hunter2"

  Rule: Whatever the source, no login goes to a stranger, and none is kept for ever

    Scenario: A token is not sent to a server whose name is not verified
      Given the service runs with:
        | DATABASE_URL                                                 | RATES_DATABASE_LOGIN | AZURE_CLIENT_ID | IDENTITY_ENDPOINT   | IDENTITY_HEADER |
        | postgres://rates_service@db.example.com/rates?sslmode=require | azure                | c               | http://127.0.0.1:1/ | h               |
      When the service is started
      Then it fails, saying:
        """
        a token is not sent to db.example.com, whose name TLS does not verify; use sslmode=verify-full
        """

    Scenario: A login that changes in its file needs no restart
      Given the login of the service is in a file
      When the service is started
      And the login in the file is replaced, and the old one can log in no longer
      Then all questions of the next 3 seconds are answered
      And the old login soon has no session
