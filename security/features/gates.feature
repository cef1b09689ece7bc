Feature: Security gates
  As somebody who must be able to believe a green run
  I want a gate to be green only when it proves that it looked
  So that nothing is deployed on the word of a tool that was blind

  Background:
    Given a project in which only the gate gitleaks has something to examine

  Rule: What was planted is caught

    Scenario: A secret in a file is found, and no report shows it
      Given its file "settings.ini" holds an access key in line 2
      When the gates run
      Then they end with exit code 1
      And the gate gitleaks ends with findings
      And a finding is in "settings.ini", line 2
      And nothing that was written holds the access key

    Scenario: A secret that was removed again is found in the history
      Given its file "settings.ini" holds an access key in line 2
      And a later commit replaces "settings.ini" by a file without it
      When the gates run
      Then they end with exit code 1
      And the gate gitleaks ends with findings
      And a finding is in "settings.ini", in the first commit
      And nothing that was written holds the access key

    Scenario: A secret that was never committed is found, too
      Given its file "settings.ini" holds nothing secret
      And its file "draft.ini" holds an access key in line 2, and is not committed
      When the gates run
      Then they end with exit code 1
      And a finding is in "draft.ini", line 2

    Scenario: The settings of a tool in the project cannot blind its gate
      Given its file "settings.ini" holds an access key in line 2
      And its file ".gitleaks.toml" holds:
        """
        [allowlist]
        paths = ['''.*''']
        """
      When the gates run
      Then they end with exit code 1
      And a finding is in "settings.ini", line 2

  Rule: A gate that is green says what it did

    Scenario: Without a defect the gates are green, and name their evidence
      Given its file "settings.ini" holds nothing secret
      When the gates run
      Then they end with exit code 0
      And the gate gitleaks ends as passed
      And its evidence names the tool, its version, the command and how much was examined

    Scenario: A gate without anything to look at is left out, and says so
      Given its file "settings.ini" holds nothing secret
      When the gates run
      Then every other gate is skipped, because the repository holds nothing for it

  Rule: A gate that did not look is not green

    Scenario: A missing scanner is not a pass
      Given its file "settings.ini" holds nothing secret
      And no tool is installed
      When the gates run
      Then they end with exit code 3
      And the gate gitleaks ends as an error: tool missing

    Scenario: A scanner of the wrong version is not a pass
      Given its file "settings.ini" holds nothing secret
      And another program is installed in the place of gitleaks
      When the gates run
      Then they end with exit code 3
      And the gate gitleaks ends as an error: wrong version

    Scenario: A scan of nothing is not a pass
      Given it has no files
      When the gates run
      Then they end with exit code 4
      And the gate gitleaks ends as an error: nothing examined

    Scenario: A scan of less than is demanded is not a pass
      Given its file "settings.ini" holds nothing secret
      And the policy demands that gitleaks examines 1000 at the least
      When the gates run
      Then they end with exit code 3
      And the gate gitleaks ends as an error: too little examined

    Scenario: A scan that ran out of time is not a pass
      Given its file "settings.ini" holds nothing secret
      And the policy gives gitleaks 1ms
      When the gates run
      Then they end with exit code 3
      And the gate gitleaks ends as an error: timed out

    Scenario: A history that was cut off is not a pass
      Given its file "settings.ini" holds an access key in line 2
      And a later commit replaces "settings.ini" by a file without it
      And only the last commit of it was fetched
      When the gates run
      Then they end with exit code 3
      And the gate gitleaks ends as an error: history incomplete

    Scenario: A run in which every gate was left out is not green
      Given its file "settings.ini" holds nothing secret
      And the policy leaves out gitleaks, because "it is too slow"
      When the gates run
      Then they end with exit code 4
      And the verdict says "no gate ran"

  Rule: An exception has a reason, an owner and an end

    Scenario: A finding with a waiver is green, and stays visible
      Given its file "settings.ini" holds an access key in line 2
      And the waivers:
        | rule             | path         | reason          | owner  | created    | expires    |
        | aws-access-token | settings.ini | a revoked token | @infra | 1 day ago  | in 30 days |
      When the gates run
      Then they end with exit code 0
      And the gate gitleaks ends as waived
      And a finding is in "settings.ini", line 2, waived because of "a revoked token"
      And every report names "a revoked token"

    Scenario: A waiver that is about to end warns
      Given its file "settings.ini" holds an access key in line 2
      And the waivers:
        | rule             | path         | reason          | owner  | created    | expires    |
        | aws-access-token | settings.ini | a revoked token | @infra | 1 day ago  | in 9 days  |
      When the gates run
      Then they end with exit code 0
      And a warning says "the waiver of aws-access-token in settings.ini (line 2), owned by @infra, ends on"

    Scenario: A waiver that has expired fails, and names itself and its owner
      Given its file "settings.ini" holds an access key in line 2
      And the waivers:
        | rule             | path         | reason          | owner  | created     | expires    |
        | aws-access-token | settings.ini | a revoked token | @infra | 30 days ago | 2 days ago |
      When the gates run
      Then they end with exit code 1
      And the gate gitleaks ends with findings
      And the verdict says "the waiver of aws-access-token in settings.ini (line 2), owned by @infra, expired on"

    Scenario: A malformed waiver fails by its name, and voids no other
      Given its file "settings.ini" holds an access key in line 2
      And the waivers:
        | rule             | path         | reason          | owner  | created    | expires     |
        | generic-api-key  | settings.ini | nobody owns it  |        | 1 day ago  | in 30 days  |
        | aws-access-token | settings.ini | a revoked token | @infra | 1 day ago  | in 30 days  |
        | private-key      | settings.ini | for ever        | @infra | 1 day ago  | in 300 days |
      When the gates run
      Then they end with exit code 1
      And the gate gitleaks ends as waived
      And the verdict says "line 2, generic-api-key: owner is missing"
      And the verdict says "private-key: it holds for 301 days; 90 are allowed"

    Scenario Outline: A waiver that matches nothing <leads to> under the profile <profile>
      Given its file "settings.ini" holds nothing secret
      And the waivers:
        | rule             | path         | reason          | owner  | created    | expires    |
        | aws-access-token | settings.ini | a revoked token | @infra | 1 day ago  | in 30 days |
      When the gates run under the profile <profile>
      Then they end with exit code <code>
      And <where> says "the waiver of aws-access-token in settings.ini (line 2) matches nothing; remove it"

      Examples:
        | profile | leads to  | code | where       |
        | ci      | fails     | 1    | the verdict |
        | local   | is warned | 0    | a warning   |

  Rule: What cannot be understood is refused

    Scenario: An unknown key in the policy is refused
      Given its file "settings.ini" holds nothing secret
      And the policy gives gitleaks the key "at_most"
      When the gates run
      Then they end with exit code 2, saying "unknown key at_most"

    Scenario: An unknown gate is refused
      Given its file "settings.ini" holds nothing secret
      When the gates run, but only "gitleeks"
      Then they end with exit code 2, saying "gitleeks"

    Scenario: An unknown profile is refused
      Given its file "settings.ini" holds nothing secret
      When the gates run under the profile nightly
      Then they end with exit code 2, saying "nightly"

    Scenario: A list of waivers that is none is refused
      Given its file "settings.ini" holds nothing secret
      And the waivers are "exceptions: []"
      When the gates run
      Then they end with exit code 2, saying "unknown key exceptions"
