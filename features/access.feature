Feature: Access to the database
  As an engineer who answers for who can reach the data
  I want passwords that are replaced without anybody noticing, and people who get in only for a time and a reason
  So that no password lives long enough to be worth stealing, and I can say who could see what

  Rule: The login of the service is rotated without losing a request

    Background:
      Given these regions:
        | slug   |
        | china  |
        | baltic |
      And these ports:
        | code  | parent_slug |
        | CNGGZ | china       |
        | EETLL | baltic      |
      And two logins that the service uses in turn

    Scenario: It is rotated three times under load, and no request fails
      Given the service runs with:
        | RATES_CACHE_MB | RATES_DATABASE_LOGIN |
        | 0              | file                 |
      When questions are asked without a pause
      And the login of the service is rotated 3 times
      Then no question failed
      And nobody wrote the password in "pg_service.conf"

    Scenario: A program that reads its login only once is named, and its login stays open
      Given the service runs with:
        | RATES_CACHE_MB | RATES_DATABASE_LOGIN |
        | 0              | url                  |
      When questions are asked without a pause
      And the login of the service is rotated, waiting for 1s
      Then it fails with exit code 3, saying:
        """
        it stays open: see why they do not change over, then run this again
        """
      And no question failed
      When the old login is closed nevertheless
      Then questions soon fail

    Scenario: A rehearsal changes nothing
      When the login of the service is rotated, with "--dry-run"
      Then it succeeds, saying:
        """
        nothing was changed
        """
      And nothing has changed

    Scenario: A new password that cannot be published leaves the service as it is
      Given the service runs with:
        | RATES_CACHE_MB | RATES_DATABASE_LOGIN |
        | 0              | file                 |
      When questions are asked without a pause
      And the login of the service is rotated, with "--publish exec:false"
      Then it fails with exit code 1, saying:
        """
        still works, run this again
        """
      And no question failed
      When the login of the service is rotated 1 time
      Then no question failed

  Rule: A person gets access for a time, with a reason and an approval

    Scenario: Access is given, used, recorded and ended
      Given "alice" has no login
      When I run "rates login grant alice --role reader --for 2h --publish file:alice.conf --reason 'the month ends' --approved-by bob --asked-by carol"
      Then it succeeds, saying:
        """
        alice is a reader until
        """
      And nobody wrote the password in "alice.conf"
      And whoever has "alice.conf" may run "SELECT count(*) FROM prices"
      But whoever has "alice.conf" may not run "DELETE FROM prices"
      And whoever has "alice.conf" may not run "DELETE FROM login_events"
      And whoever has "alice.conf" may not run "ALTER ROLE alice VALID UNTIL 'infinity'"
      When I run "rates login status"
      Then it succeeds, saying:
        """
        by carol, approved by bob: the month ends
        """
      When I run "rates login revoke alice --reason 'she is done' --asked-by carol"
      Then it succeeds, saying:
        """
        alice has no access any more, and no session
        """
      And the sessions of "alice.conf" have ended
      And whoever has "alice.conf" may not run "SELECT 1"
      And it is recorded that:
        | event   | login | detail | asked_by | approved_by | reason         |
        | granted | alice | reader | carol    | bob         | the month ends |
        | revoked | alice |        | carol    |             | she is done    |

    Scenario: When the time is over, a sweep ends what is still open
      Given "dora" has no login
      When I run "rates login grant dora --role loader --for 1h --publish file:dora.conf --reason 'a late list' --approved-by bob --asked-by carol"
      Then it succeeds
      And whoever has "dora.conf" may run "SELECT count(*) FROM prices"
      When the time of "dora" is over
      And I run "rates login sweep --asked-by cron"
      Then it succeeds, saying:
        """
        dora has no access any more, and no session
        """
      And the sessions of "dora.conf" have ended
      And it is recorded that:
        | event   | login | detail | asked_by | approved_by | reason           |
        | granted | dora  | loader | carol    | bob         | a late list      |
        | expired | dora  |        | cron     |             | the time is over |

    Scenario Outline: Access is refused: <why>
      When I run "rates login grant <arguments> --publish file:x.conf"
      Then it fails with exit code 2, saying:
        """
        <message>
        """
      And nothing has changed

      Examples:
        | why                     | arguments                                        | message                                          |
        | no reason               | erik --for 1h --approved-by bob                  | --reason is required                             |
        | no approval             | erik --for 1h --reason x                         | --approved-by is required                        |
        | approved by the person  | erik --for 1h --reason x --approved-by Erik      | erik is to approve their own access              |
        | for too long            | erik --for 25h --reason x --approved-by bob      | expected more than 0 and at most 24h0m0s         |
        | a role that owns tables | erik --for 1h --role owner --reason x --approved-by bob | --role must be one of "reader","loader"   |
