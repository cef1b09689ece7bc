package gitleaks

import (
	"os"
	"strings"
	"testing"

	"example.com/rates/security/finding"
)

func TestSeverity(t *testing.T) {
	for rule, want := range map[string]finding.Severity{
		"private-key": finding.Critical, "aws-access-token": finding.Critical, "github-pat": finding.Critical,
		"slack-bot-token": finding.High, "gitlab-pat-routable": finding.Critical, "heroku-api-key-v2": finding.High, "curl-auth-user": finding.High,
		"microsoft-teams-webhook": finding.High, "aws-amazon-bedrock-api-key-long-lived": finding.High,
		"password-in-sql": finding.High, "token-in-url": finding.High,
		"generic-api-key": finding.Medium, "jwt": finding.Medium,
		"adobe-client-id": finding.Low, "lob-pub-api-key": finding.Low, "alibaba-access-key-id": finding.Low,
		"of-no-known-class": finding.Unknown, "": finding.Unknown,
	} {
		if got := severity(rule); got != want {
			t.Errorf("%q is %s, want %s", rule, got, want)
		}
	}
}

// Every rule of the pinned gitleaks has a severity; testdata/rules.txt lists them.
func TestEveryRuleHasASeverity(t *testing.T) {
	content, err := os.ReadFile("testdata/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	for _, rule := range strings.Fields(string(content)) {
		rules[rule] = true
		if severity(rule) == finding.Unknown {
			t.Errorf("%s has no severity", rule)
		}
	}
	for rule := range wholeAccess {
		if !rules[rule] {
			t.Errorf("gitleaks has no rule %s", rule)
		}
	}
}
