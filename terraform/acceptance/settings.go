// Package acceptance tests terraform/app on Azure itself: it applies the
// environment dev, migrates its database, runs the smoke features, checks that a
// second plan is empty, and removes everything.
//
// It costs money and about two hours, so it needs a build tag:
//
//	go test -tags azure -timeout 3h -count 1 -v .
//
// Until the program supports tokens of Entra, the job migrate cannot log in, so a
// run ends there and removes dev.
//
// Without the tag, its tests show on any machine that it does not start without
// credentials, leaves an existing dev alone, and removes what it created.
// docs/deploy.md explains the settings.
package acceptance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// The environment variables of a run. Terraform and az sign in as usual.
const (
	subscriptionVariable = "ARM_SUBSCRIPTION_ID"
	backendVariable      = "RATES_DEV_BACKEND"
	variablesVariable    = "RATES_DEV_VARIABLES"
	imageVariable        = "RATES_DEV_IMAGE"
)

// enough is the duration of a slow run, removal included. On a timeout Go ends a
// test at once, so nothing would be removed.
const enough = 2 * time.Hour

// settings configure a run.
type settings struct {
	subscription string // its id
	backend      string // file for terraform init -backend-config
	variables    string // file for -var-file, beside environments/dev.tfvars
	image        string // of rates, by digest, in a registry with public read access
}

// digest returns the digest of the image, which also names it in dev's registry.
func (s settings) digest() string {
	_, digest, _ := strings.Cut(s.image, "@")
	return digest
}

// read returns the settings, or an error that names all that are missing. signedIn
// returns an error if there is no access to a subscription. left is the time until
// go test ends the run, zero if it never does.
func read(getenv func(string) string, signedIn func(subscription string) error, left time.Duration) (settings, error) {
	var missing []error
	need := func(name, what string) string {
		value := getenv(name)
		if value == "" {
			missing = append(missing, fmt.Errorf("%s is not set: %s", name, what))
		}
		return value
	}
	file := func(name, what string) string {
		path := need(name, what)
		if path == "" {
			return ""
		}
		absolute, err := filepath.Abs(path)
		if err == nil {
			_, err = os.Stat(absolute)
		}
		if err != nil {
			missing = append(missing, fmt.Errorf("%s does not name a file: %w", name, err))
		}
		return absolute
	}
	s := settings{
		subscription: need(subscriptionVariable, "the id of the subscription that terraform/bootstrap prepared"),
		backend:      file(backendVariable, "the file with dev's backend settings, from the output app_backends of terraform/bootstrap"),
		variables:    file(variablesVariable, "the file with name_suffix, owner, alert_contacts and database_groups"),
		image:        need(imageVariable, "the image of rates to try, as REGISTRY/NAME@sha256:DIGEST"),
	}
	if s.image != "" && !regexp.MustCompile(`^[^@\s]+/[^@\s]+@sha256:[0-9a-f]{64}$`).MatchString(s.image) {
		missing = append(missing, fmt.Errorf("%s is %q: write it as REGISTRY/NAME@sha256: and 64 hexadecimal digits, never with a tag", imageVariable, s.image))
	}
	if s.subscription != "" {
		if err := signedIn(s.subscription); err != nil {
			missing = append(missing, fmt.Errorf("not signed in to Azure with access to the subscription; run az login: %w", err))
		}
	}
	if left > 0 && left < enough {
		missing = append(missing, fmt.Errorf("go test ends the run in %s, before it can remove dev: pass -timeout 3h", left.Round(time.Second)))
	}
	if len(missing) > 0 {
		return settings{}, fmt.Errorf("cannot apply dev without credentials and settings:\n%w", errors.Join(missing...))
	}
	return s, nil
}
