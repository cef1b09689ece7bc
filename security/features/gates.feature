Feature: Security gates
  As a security engineer who relies on a green run
  I want a gate to be green only when it proves that it checked
  So that nothing is deployed because a tool did not check it

  Background:
    Given a project in which only the gate gitleaks has something to examine

  Rule: A defect is found

    Scenario: A secret in a file is found and never shown
      Given its file "settings.ini" holds an access key in line 2
      When the gates run
      Then the exit code is 1
      And the gate gitleaks ends with findings
      And there is a finding in "settings.ini", line 2
      And neither the reports nor the terminal show the access key

    Scenario: A removed secret is found in the history
      Given its file "settings.ini" holds an access key in line 2
      And a later commit removes the key from "settings.ini"
      When the gates run
      Then the exit code is 1
      And the gate gitleaks ends with findings
      And there is a finding in "settings.ini", in the commit that added it
      And neither the reports nor the terminal show the access key

    Scenario: A secret that was never committed is found
      Given its file "settings.ini" holds no secret
      And its file "draft.ini" holds an access key in line 2, and is not committed
      When the gates run
      Then the exit code is 1
      And there is a finding in "draft.ini", line 2

    Scenario: A tool's settings in the project do not blind its gate
      Given its file "settings.ini" holds an access key in line 2
      And its file ".gitleaks.toml" holds:
        """
        [allowlist]
        paths = ['''.*''']
        """
      When the gates run
      Then the exit code is 1
      And there is a finding in "settings.ini", line 2

  Rule: A green gate gives its evidence

    Scenario: Without a defect the gates are green and name their evidence
      Given its file "settings.ini" holds no secret
      When the gates run
      Then the exit code is 0
      And the gate gitleaks ends as passed
      And its evidence names the tool, its version, the command and how much was examined

    Scenario: A gate with nothing to examine is skipped and says so
      Given its file "settings.ini" holds no secret
      When the gates run
      Then every other gate of the project is skipped, because the repository has nothing for it
      And what was not seen comes before the first gate
      And the terminal names what the machine needs

  Rule: A gate that did not check is not green

    Scenario: A missing scanner is not a pass
      Given its file "settings.ini" holds no secret
      And no tool is installed
      When the gates run
      Then the exit code is 3
      And the gate gitleaks ends with the error: tool missing
      And the last line is "gates: exit code 3: a gate could not run, which proves nothing"

    Scenario: A scanner that was replaced after its installation is not a pass
      Given its file "settings.ini" holds an access key in line 2
      And gitleaks was replaced by a program that prints the report of a clean project
      When the gates run
      Then the exit code is 3
      And the gate gitleaks ends with the error: tool changed

    Scenario: A scanner of the wrong version is not a pass
      Given its file "settings.ini" holds no secret
      And another program is installed in place of gitleaks
      When the gates run
      Then the exit code is 3
      And the gate gitleaks ends with the error: wrong version

    Scenario: A scan of nothing is not a pass
      Given it has no files
      When the gates run
      Then the exit code is 4
      And the gate gitleaks ends with the error: nothing examined

    Scenario: A scan of less than the policy requires is not a pass
      Given its file "settings.ini" holds no secret
      And the policy requires that gitleaks examines at least 1000
      When the gates run
      Then the exit code is 3
      And the gate gitleaks ends with the error: too little examined

    Scenario: A scan that timed out is not a pass
      Given its file "settings.ini" holds no secret
      And the policy gives gitleaks a timeout of 1ms
      When the gates run
      Then the exit code is 3
      And the gate gitleaks ends with the error: timed out

    Scenario: A scan of an incomplete history is not a pass
      Given its file "settings.ini" holds an access key in line 2
      And a later commit removes the key from "settings.ini"
      And only its last commit was fetched
      When the gates run
      Then the exit code is 3
      And the gate gitleaks ends with the error: history incomplete

    Scenario: A policy that requires less than on the main branch is not a pass
      Given the main branch has a policy that requires that gitleaks examines at least 2
      And its file "settings.ini" holds no secret
      And the policy requires that gitleaks examines at least 1
      When the gates run
      Then the exit code is 1
      And the gate policy ends with findings

    Scenario: A weaker policy may be waived
      Given the main branch has a policy that requires that gitleaks examines at least 2
      And its file "settings.ini" holds no secret
      And the policy requires that gitleaks examines at least 1
      And the waivers:
        | rule          | path                 | reason                  | owner  | created   | expires    |
        | weaker-policy | security/policy.yaml | the history was rewritten | @infra | 1 day ago | in 30 days |
      When the gates run
      Then the exit code is 0
      And the gate policy ends as waived
      And every report names "the history was rewritten"

    Scenario: A policy that requires more than on the main branch is a pass
      Given the main branch has a policy that requires that gitleaks examines at least 1
      And its file "settings.ini" holds no secret
      And the policy requires that gitleaks examines at least 2
      When the gates run
      Then the exit code is 0
      And the gate policy ends as passed

    Scenario: A run that skips every gate is not green
      Given its file "settings.ini" holds no secret
      And the policy skips gitleaks, because "it is too slow"
      When the gates run
      Then the exit code is 4
      And the verdict says "no gate ran"

  Rule: An exception has a reason, an owner and an end

    Scenario: A waived finding is green and stays visible
      Given its file "settings.ini" holds an access key in line 2
      And the waivers:
        | rule             | path         | reason          | owner  | created    | expires    |
        | aws-access-token | settings.ini | a revoked token | @infra | 1 day ago  | in 30 days |
      When the gates run
      Then the exit code is 0
      And the gate gitleaks ends as waived
      And there is a finding in "settings.ini", line 2, waived because of "a revoked token"
      And every report names "a revoked token"

    Scenario: A waiver that is about to expire warns
      Given its file "settings.ini" holds an access key in line 2
      And the waivers:
        | rule             | path         | reason          | owner  | created    | expires    |
        | aws-access-token | settings.ini | a revoked token | @infra | 1 day ago  | in 9 days  |
      When the gates run
      Then the exit code is 0
      And a warning says "the waiver of aws-access-token in settings.ini (line 2), owned by @infra, ends on"

    Scenario: An expired waiver fails and is named with its owner
      Given its file "settings.ini" holds an access key in line 2
      And the waivers:
        | rule             | path         | reason          | owner  | created     | expires    |
        | aws-access-token | settings.ini | a revoked token | @infra | 30 days ago | 2 days ago |
      When the gates run
      Then the exit code is 1
      And the gate gitleaks ends with findings
      And the verdict says "the waiver of aws-access-token in settings.ini (line 2), owned by @infra, expired on"

    Scenario: A malformed waiver fails by name and leaves the others valid
      Given its file "settings.ini" holds an access key in line 2
      And the waivers:
        | rule             | path         | reason          | owner  | created    | expires     |
        | generic-api-key  | settings.ini | nobody owns it  |        | 1 day ago  | in 30 days  |
        | aws-access-token | settings.ini | a revoked token | @infra | 1 day ago  | in 30 days  |
        | private-key      | settings.ini | for ever        | @infra | 1 day ago  | in 300 days |
      When the gates run
      Then the exit code is 1
      And the gate gitleaks ends as waived
      And the verdict says "line 2, generic-api-key: owner is missing"
      And the verdict says "private-key: it holds for 301 days; 90 are allowed"

    Scenario Outline: A waiver that matches nothing <result> under the profile <profile>
      Given its file "settings.ini" holds no secret
      And the waivers:
        | rule             | path         | reason          | owner  | created    | expires    |
        | aws-access-token | settings.ini | a revoked token | @infra | 1 day ago  | in 30 days |
      When the gates run under the profile <profile>
      Then the exit code is <code>
      And <where> says "the waiver of aws-access-token in settings.ini (line 2) matches nothing; remove it"

      Examples:
        | profile | result    | code | where       |
        | ci      | fails     | 1    | the verdict |
        | local   | warns     | 0    | a warning   |

  Rule: Invalid input is refused

    Scenario: An unknown key in the policy is refused
      Given its file "settings.ini" holds no secret
      And the policy gives gitleaks the key "at_most"
      When the gates run
      Then the exit code is 2, and the error says "unknown key at_most"

    Scenario: An unknown gate is refused
      Given its file "settings.ini" holds no secret
      When only the gate gitleeks runs
      Then the exit code is 2, and the error says "gitleeks"

    Scenario: An unknown profile is refused
      Given its file "settings.ini" holds no secret
      When the gates run under the profile nightly
      Then the exit code is 2, and the error says "nightly"

    Scenario: An invalid list of waivers is refused
      Given its file "settings.ini" holds no secret
      And the waivers are "exceptions: []"
      When the gates run
      Then the exit code is 2, and the error says "unknown key exceptions"
