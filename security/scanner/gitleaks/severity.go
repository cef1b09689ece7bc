package gitleaks

import (
	"regexp"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/password"
)

// severity returns the severity of a secret by what its rule finds: gitleaks gives
// none. It is unknown for a rule of no known class.
func severity(rule string) finding.Severity {
	switch {
	case strings.HasPrefix(rule, password.InSettings[:len("password")]), rule == password.TokenInURL:
		return finding.High
	case wholeAccess[rule]:
		return finding.Critical
	case guessed[rule]:
		return finding.Medium
	case public.MatchString(rule):
		return finding.Low
	case ofService.MatchString(rule):
		return finding.High
	default:
		return finding.Unknown
	}
}

// wholeAccess are rules whose secrets give whole access: to a cloud, a cluster, the
// code, the registry that others install from, money, other secrets, or an identity.
var wholeAccess = map[string]bool{
	"1password-secret-key": true, "1password-service-account-token": true, "age-secret-key": true, "alibaba-secret-key": true,
	"aws-access-token": true, "azure-ad-client-secret": true, "cloudflare-global-api-key": true, "clojars-api-token": true,
	"databricks-api-token": true, "digitalocean-access-token": true, "digitalocean-pat": true, "doppler-api-token": true,
	"github-app-token": true, "github-fine-grained-pat": true, "github-oauth": true, "github-pat": true, "github-refresh-token": true,
	"gitlab-deploy-token": true, "gitlab-pat": true, "gitlab-pat-routable": true, "hashicorp-tf-api-token": true, "hashicorp-tf-password": true,
	"kubernetes-secret-yaml": true, "npm-access-token": true, "okta-access-token": true, "openshift-user-token": true, "pkcs12-file": true,
	"private-key": true, "pulumi-api-token": true, "pypi-upload-token": true, "rubygems-api-token": true, "stripe-access-token": true,
	"vault-batch-token": true, "vault-service-token": true, "yandex-aws-access-token": true,
}

// guessed are rules that go by the look of a text, whatever it is for.
var guessed = map[string]bool{"generic-api-key": true, "jwt": true, "jwt-base64": true}

var (
	// public matches rules about names that lead to a secret and are none.
	public = regexp.MustCompile(`-(client|access|access-key|user-api)-id$|-(pub|public)(-api)?-key$|-browser-api-token$|-test-api-token$`)
	// ofService matches rules about the secret of one service.
	ofService = regexp.MustCompile(`-(tokens?|keys?|secret|password|pat|ptt|rrt|oauth|cookie|webhook|webhook-url|url|header|user)(-routable|-v2|-(long|short)-lived)?$`)
)
