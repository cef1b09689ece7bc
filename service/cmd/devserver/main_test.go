package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/cli"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/app"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// samplePrice is the average of the sample from CNGGZ to EETLL on 2021-01-31.
const samplePrice = 1154.3333333333333

// running is a devserver in the background.
type running struct {
	out, logs testkit.Buffer
	stop      context.CancelFunc
	ended     chan error
}

// start runs a devserver.
func start(t *testing.T, c command) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stop: stop, ended: make(chan error, 1)}
	c.Config = app.Config{
		Addr: "127.0.0.1:0", AdminAddr: "off", MaxDays: 3660, MaxQuestions: 16, QuestionTimeout: testkit.Patience,
		DatabaseConns: 4, DatabaseWait: testkit.Patience, DrainTimeout: testkit.Patience, LogLevel: "info", LogFormat: "text",
	}
	go func() { r.ended <- c.Run(ctx, cli.Streams{Out: &r.out, Err: &r.logs}) }()
	t.Cleanup(stop)
	return r
}

// curl waits for the curl line, and returns the answer to its question.
func (r *running) curl(t *testing.T) (rates []struct {
	Day          string
	Count, Price *float64
},
) {
	t.Helper()
	line := regexp.MustCompile(`(?m)^  curl '(http://[^']+)'$`)
	err := testkit.Retry(func() error {
		select {
		case err := <-r.ended:
			t.Fatalf("ended: %v\n%s", err, &r.logs)
		default:
		}
		if !line.MatchString(r.out.String()) {
			return fmt.Errorf("no curl line:\n%s\n%s", &r.out, &r.logs)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, line.FindStringSubmatch(r.out.String())[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var doc struct {
		Rates []struct {
			Day          string
			Count, Price *float64
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&doc); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", response.StatusCode, err)
	}
	return doc.Rates
}

// ctrlC stops the devserver and waits until it has ended.
func (r *running) ctrlC(t *testing.T) {
	t.Helper()
	r.stop()
	if err := <-r.ended; err != nil {
		t.Errorf("after Ctrl-C: %v\n%s", err, &r.logs)
	}
}

// The curl line gives the answer of the README, from the sample.
func TestPastedLineAnswersFromTheSample(t *testing.T) {
	r := start(t, command{URL: dbtest.NewBare(t).URL})
	rates := r.curl(t)
	if len(rates) != 31 {
		t.Errorf("%d days, want 31", len(rates))
	}
	for i, rate := range rates {
		if rate.Count == nil || *rate.Count != 3 || rate.Price == nil || i < 2 && *rate.Price != samplePrice {
			t.Errorf("%s: count and price are not those of the README", rate.Day)
		}
	}
	r.ctrlC(t)
}

// A given database is migrated and seeded on the first start, and keeps its data
// on the second.
func TestSecondStartKeepsTheData(t *testing.T) {
	database := dbtest.NewBare(t)
	first := start(t, command{URL: database.URL})
	if rates := first.curl(t); rates[0].Price == nil || *rates[0].Price != samplePrice {
		t.Errorf("the first answer is %+v", rates[0])
	}
	first.ctrlC(t)
	for _, want := range []string{"source=DATABASE_URL", "msg=migrated", "msg=imported file=sample regions=45 ports=174 prices=53822"} {
		if !strings.Contains(first.logs.String(), want) {
			t.Errorf("the first log lacks %q:\n%s", want, &first.logs)
		}
	}
	for line := range strings.Lines(first.logs.String()) {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("one line is in another format: %s", line)
		}
	}
	database.Exec(t, `UPDATE prices SET price = 60`)
	second := start(t, command{URL: database.URL})
	if rates := second.curl(t); rates[0].Price == nil || *rates[0].Price != 60 || *rates[0].Count != 3 {
		t.Errorf("the second answer is %+v", rates[0])
	}
	second.ctrlC(t)
	if log := second.logs.String(); strings.Contains(log, "msg=migrated") || strings.Contains(log, "msg=imported") {
		t.Errorf("the second start did more than start:\n%s", log)
	}
}

// People read the log of a devserver, so its default is text.
func TestLogsAreTextByDefault(t *testing.T) {
	var help bytes.Buffer
	code := run(t.Context(), []string{"--help"}, cli.Streams{Out: &help, Err: t.Output()})
	if code != cli.ExitOK || !strings.Contains(help.String(), "One of json,text (default text)") {
		t.Errorf("exit code %d\n%s", code, &help)
	}
}

// The error says why it did not start, without a password.
func TestStartFails(t *testing.T) {
	for _, c := range []struct{ name, url, want string }{
		{"no URL", "postgres://x:hunter2@[/", "not a PostgreSQL connection string"},
		{"nobody there", "postgres://x:hunter2@127.0.0.1:1/x", "connection refused"},
		{"a login that may not migrate", dbtest.NewBare(t).As(dbtest.Reader), "permission denied"},
	} {
		r := start(t, command{URL: c.url})
		err := <-r.ended
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error()+r.logs.String(), "hunter2") {
			t.Errorf("%s: %v\nwant %s\n%s", c.name, err, c.want, &r.logs)
		}
	}
}
