package acceptance

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"

// complete is an environment with all settings.
func complete() map[string]string {
	return map[string]string{
		subscriptionVariable: "00000000-0000-0000-0000-000000000001",
		backendVariable:      "settings.go",
		variablesVariable:    "settings_test.go",
		imageVariable:        "ghcr.io/example/rates@" + digest,
	}
}

func welcome(string) error { return nil }

func TestReadReturnsTheSettings(t *testing.T) {
	env := complete()
	s, err := read(func(name string) string { return env[name] }, welcome, 3*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if s.digest() != digest {
		t.Errorf("the digest is %q, want %q", s.digest(), digest)
	}
	// Terraform runs in another folder.
	if !filepath.IsAbs(s.backend) || !filepath.IsAbs(s.variables) {
		t.Errorf("the files are %q and %q, want absolute paths", s.backend, s.variables)
	}
}

func TestReadNamesWhatIsMissing(t *testing.T) {
	for _, tc := range []struct {
		name     string
		variable string
		value    string
		signedIn func(string) error
		left     time.Duration
		want     string
	}{
		{name: "no subscription", variable: subscriptionVariable, want: "ARM_SUBSCRIPTION_ID is not set"},
		{name: "no backend", variable: backendVariable, want: "RATES_DEV_BACKEND is not set"},
		{name: "no variables", variable: variablesVariable, want: "RATES_DEV_VARIABLES is not set"},
		{name: "no image", variable: imageVariable, want: "RATES_DEV_IMAGE is not set"},
		{name: "a missing file", variable: backendVariable, value: "none.tfbackend", want: "RATES_DEV_BACKEND does not name a file"},
		{name: "an image by tag", variable: imageVariable, value: "ghcr.io/example/rates:v1", want: `"ghcr.io/example/rates:v1": write it as`},
		{name: "an image without a registry", variable: imageVariable, value: "rates@" + digest, want: "write it as REGISTRY/NAME"},
		{name: "no sign-in", signedIn: func(string) error { return errors.New("az is not installed") }, want: "not signed in to Azure with access to the subscription; run az login: az is not installed"},
		{name: "too little time", left: 10 * time.Minute, want: "go test ends the run in 10m0s, before it can remove dev: pass -timeout 3h"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env := complete()
			if tc.variable != "" {
				env[tc.variable] = tc.value
			}
			signedIn := welcome
			if tc.signedIn != nil {
				signedIn = tc.signedIn
			}
			_, err := read(func(name string) string { return env[name] }, signedIn, tc.left)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("the error is %v, want it to say %q", err, tc.want)
			}
		})
	}
}

// A test without a timeout has enough time.
func TestReadAcceptsNoTimeout(t *testing.T) {
	env := complete()
	if _, err := read(func(name string) string { return env[name] }, welcome, 0); err != nil {
		t.Error(err)
	}
}

func TestReadReportsAllAtOnce(t *testing.T) {
	_, err := read(func(string) string { return "" }, welcome, time.Minute)
	if err == nil {
		t.Fatal("a run started with nothing")
	}
	for _, want := range []string{subscriptionVariable, backendVariable, variablesVariable, imageVariable, "-timeout 3h"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
}
