// Package acceptance proves terraform/app on Azure itself: it applies the
// environment dev, migrates its database, asks it what the smoke features ask,
// wants a second plan to be empty, and removes all of it again.
//
// It costs money and about two hours, and is asked for by a tag:
//
//	go test -tags azure -timeout 3h -count 1 -v .
//
// Until the program takes tokens of Entra, the job migrate cannot log in, and a
// run ends there, with dev removed.
//
// Without the tag, its tests prove on any machine that it does not start without
// credentials, leaves alone a dev that is there, and removes what it made.
// docs/deploy.md says how to get what it needs.
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

// What a run takes from the environment. Terraform and az take their sign-in
// from where they always do.
const (
	subscriptionVariable = "ARM_SUBSCRIPTION_ID"
	backendVariable      = "RATES_DEV_BACKEND"
	variablesVariable    = "RATES_DEV_VARIABLES"
	imageVariable        = "RATES_DEV_IMAGE"
)

// enough is the time that a slow run takes, removal included. Go ends a test
// whose time is up at once, and nothing would be removed.
const enough = 2 * time.Hour

// settings are what a run needs, and has.
type settings struct {
	subscription string // its id
	backend      string // file for terraform init -backend-config
	variables    string // file for -var-file, beside environments/dev.tfvars
	image        string // of rates, by digest, in a registry that lets everybody read
}

// digest returns the digest of the image, which also names it in dev's registry.
func (s settings) digest() string {
	_, digest, _ := strings.Cut(s.image, "@")
	return digest
}

// read returns the settings, or an error that names everything that is missing.
// signedIn tells why Azure would not let anybody into a subscription, and left
// is the time until go test ends the run, zero if it never does.
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
			missing = append(missing, fmt.Errorf("%s names no file: %w", name, err))
		}
		return absolute
	}
	s := settings{
		subscription: need(subscriptionVariable, "the id of the subscription that terraform/bootstrap has prepared"),
		backend:      file(backendVariable, "the file with dev's backend settings, from the output app_backends of terraform/bootstrap"),
		variables:    file(variablesVariable, "the file with name_suffix, owner, alert_contacts and database_groups"),
		image:        need(imageVariable, "the image of rates to try, as REGISTRY/NAME@sha256:DIGEST"),
	}
	if s.image != "" && !regexp.MustCompile(`^[^@\s]+/[^@\s]+@sha256:[0-9a-f]{64}$`).MatchString(s.image) {
		missing = append(missing, fmt.Errorf("%s is %q: write it as REGISTRY/NAME@sha256: and 64 hexadecimal digits, never with a tag", imageVariable, s.image))
	}
	if s.subscription != "" {
		if err := signedIn(s.subscription); err != nil {
			missing = append(missing, fmt.Errorf("nobody is signed in to Azure with access to the subscription; az login does it: %w", err))
		}
	}
	if left > 0 && left < enough {
		missing = append(missing, fmt.Errorf("go test ends the run in %s, before it has removed what it made: pass -timeout 3h", left.Round(time.Second)))
	}
	if len(missing) > 0 {
		return settings{}, fmt.Errorf("dev is not applied to Azure without credentials and settings:\n%w", errors.Join(missing...))
	}
	return s, nil
}
