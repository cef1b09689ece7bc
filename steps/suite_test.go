// Package steps_test binds the features of this repository to the real
// program: go test ./steps runs every scenario in ../features.
package steps_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	"golang.org/x/term"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/embedded"
	"example.com/rates/service/login/logintest"
)

// baseURLVariable is the environment variable with the URL of a deployed instance.
// If it is set, only scenarios tagged @smoke run, against that instance; the test
// starts nothing and changes nothing there.
const baseURLVariable = "BASE_URL"

const smokeTag = "@smoke"

// oneNodeTag marks scenarios that do not hold for a distributed database.
const oneNodeTag = "@one-node"

// options are the -godog.* flags of this test. Paths are relative to the
// repository.
var options = godog.Options{
	Strict:      true,
	Randomize:   -1,
	Concurrency: 4,
	Format:      "progress",
	Paths:       []string{featureDir},
}

func TestMain(m *testing.M) {
	godog.Format(titlesFormat, "Prints a line for each scenario.", newTitles)
	godog.BindFlags("godog.", flag.CommandLine, &options)
	if os.Getenv(baseURLVariable) != "" {
		os.Exit(m.Run())
	}
	dbtest.Main(m)
}

// suite is shared by all scenarios, which do not change it.
type suite struct {
	contract  *contract
	smoke     func() (string, error) // URL of the instance for @smoke scenarios
	program   program
	databases *databases        // nil if the instance is deployed
	tokens    *logintest.Server // nil if no scenario needs it
	browser   func() (context.Context, error)
}

// Every scenario of the features runs and passes.
func TestFeatures(t *testing.T) {
	t.Chdir("..")
	baseURL := strings.TrimSuffix(os.Getenv(baseURLVariable), "/")
	opts := prepared(t, baseURL)
	all := countScenarios(t, godog.Options{Paths: opts.Paths})
	s := &suite{contract: newContract(t), smoke: func() (string, error) { return baseURL, nil }}
	if baseURL == "" {
		leaveOut(t, &opts, tokensTag, logintest.RequireVariable, func() (err error) {
			s.tokens, err = serverWithTokens(t)
			return err
		})
		leaveOut(t, &opts, browserTag, requireBrowser, func() (err error) {
			s.browser, err = withBrowser(t)
			return err
		})
		leaveOut(t, &opts, replicasTag, dbtest.RequireStandbys, func() error { return embedded.CanFollow(t.Context()) })
		leaveOut(t, &opts, oneNodeTag, "", func() error {
			if dbtest.Need(t).Distributed() {
				return errors.New("the server has Citus")
			}
			return nil
		})
	}
	selected := countScenarios(t, opts)
	if selected == 0 {
		t.Fatalf("no scenario of %s has the tags %q", strings.Join(opts.Paths, ", "), opts.Tags)
	}
	if baseURL == "" {
		s.databases = newDatabases(dbtest.Need(t))
		t.Cleanup(func() {
			if err := s.databases.close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		s.program = build(t)
		s.smoke = s.seededInstance(t)
	}
	var tally tally
	code := godog.TestSuite{
		Name:    "rates",
		Options: &opts,
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			newWorld(s).register(sc)
			tally.register(sc)
		},
	}.Run()
	if code != 0 {
		t.Errorf("not every scenario passed; exit code %d", code)
	}
	tally.check(t, selected)
	if s.databases != nil {
		tellCitus(s.databases.server.Distributed(), selected, opts.Paths)
	}
	if baseURL != "" {
		fmt.Printf("%d %s ran against %s; %d %s and were left out\n",
			selected, plural(selected, "smoke scenario"), baseURL, all-selected, needs(all-selected))
	}
}

// tellCitus says which scenarios ran on a database distributed by Citus.
func tellCitus(distributed bool, selected int, paths []string) {
	if distributed {
		fmt.Printf("%d %s of %s ran on a database distributed by Citus\n", selected, plural(selected, "scenario"), strings.Join(paths, ", "))
		return
	}
	fmt.Printf("SKIPPED: no scenario ran on a database distributed by Citus: %s names no server with it\n", dbtest.ServerVariable)
}

// leaveOut leaves out the scenarios with a tag if this machine lacks what they need,
// which prepare returns as an error. It is called if there are any. With the
// environment variable set to 1 the test fails instead.
func leaveOut(t *testing.T, opts *godog.Options, tag, variable string, prepare func() error) {
	t.Helper()
	without := *opts
	without.Tags = strings.TrimPrefix(opts.Tags+" && ~"+tag, " && ")
	left := countScenarios(t, *opts) - countScenarios(t, without)
	if left == 0 {
		return
	}
	err := prepare()
	switch {
	case err == nil:
	case os.Getenv(variable) == "1":
		t.Fatal(err)
	default:
		fmt.Printf("SKIPPED: %d %s with %s did not run: %v\n", left, plural(left, "scenario"), tag, err)
		*opts = without
	}
}

// prepared returns the options of this run, and makes the folders for its reports.
func prepared(t *testing.T, baseURL string) godog.Options {
	t.Helper()
	opts := options
	formatGiven := false
	flag.Visit(func(f *flag.Flag) { formatGiven = formatGiven || f.Name == "godog.format" || f.Name == "godog.f" })
	if testing.Verbose() && !formatGiven {
		opts.Format = titlesFormat
	}
	for format := range strings.SplitSeq(opts.Format, ",") {
		if _, file, ok := strings.Cut(format, ":"); ok {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatalf("make the folder of a report: %v", err)
			}
		}
	}
	if os.Getenv("NO_COLOR") != "" || !term.IsTerminal(int(os.Stdout.Fd())) {
		opts.NoColors = true
	}
	switch {
	case baseURL == "":
	case opts.Tags == "":
		opts.Tags = smokeTag
	default:
		opts.Tags += " && " + smokeTag
	}
	return opts
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

func needs(n int) string {
	if n == 1 {
		return "other needs more than an instance"
	}
	return "others need more than an instance"
}
