package zap

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/scanner/zap/session"
)

// The recordings are of the stand-in, under the version that scannertest gives to all
// tools.
const defect = "zap/defect"

func TestEvidence(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, defect))
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Examined != (scanner.Examined{Count: 3, Unit: "operations"}) || !slices.Contains(outcome.Rules, "10049") {
		t.Errorf("examined %+v with the rules %v", outcome.Examined, outcome.Rules)
	}
	notes := strings.Join(outcome.Notes, "\n")
	for _, want := range []string{"63 passive, 0 active", "pscanrules 75.0.0", "GET /rates 200 (1 times)", "in the log of the service"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes lack %q:\n%s", want, notes)
		}
	}
}

func TestFindings(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, defect))
	if err != nil {
		t.Fatal(err)
	}
	got := scannertest.Places(outcome.Findings)
	for _, want := range []string{
		"10038-1 medium GET /\n", "10038-1 medium GET /search\n", "10020-1 medium GET / (x-frame-options)\n",
		"10021 low GET / (x-content-type-options)\n", "10010 low GET / (session)\n", "10049-3 info GET /\n",
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q is there %d times:\n%s", want, strings.Count(got, want), got)
		}
	}
}

// What a reader needs of an alert is in the finding.
func TestFromAlert(t *testing.T) {
	got, err := fromAlert(session.Alert{
		Ref: "10010", Plugin: "10010", Name: "Cookie No HttpOnly Flag", Risk: "Low", CWE: "1004", Method: "GET",
		URL: "https://127.0.0.1:41903/rates?date_from=2021-01-01", Param: "session", Evidence: "Set-Cookie:\nsession",
		Solution: "Ensure that the\nflag is set.", Reference: "https://owasp.org/a\nhttps://owasp.org/b",
	})
	want := finding.Finding{
		Rule: "10010", Severity: finding.Low, Resource: "GET /rates (session)",
		Message: "Cookie No HttpOnly Flag. CWE-1004. Evidence: Set-Cookie: session",
		Help:    "Ensure that the flag is set.", URL: "https://owasp.org/a",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, finding (-want +got):\n%s", err, diff)
	}
	for name, broken := range map[string]session.Alert{
		"no rule":         {Risk: "Low", URL: "https://x/"},
		"no URL":          {Ref: "10010", Risk: "Low"},
		"no risk":         {Ref: "10010", URL: "https://x/"},
		"an unknown risk": {Ref: "10010", URL: "https://x/", Risk: "Severe"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := fromAlert(broken)
			scannertest.WantKind(t, err, scanner.BadOutput)
		})
	}
}

// A place is the same in the next run.
func TestPlace(t *testing.T) {
	for _, test := range []struct{ method, url, param, want string }{
		{"GET", "https://127.0.0.1:1", "", "GET /"},
		{"GET", "https://127.0.0.1:1/", "", "GET /"},
		{"", "https://127.0.0.1:1/ports?x=1", "", "GET /ports"},
		{"POST", "https://rates.example.com/a%20b", "q", "POST /a b (q)"},
	} {
		if got := place(test.method, test.url, test.param); got != test.want {
			t.Errorf("place %q, want %q", got, test.want)
		}
	}
}

const twoOperations = `openapi: 3.0.3
info: {title: two, version: "1"}
paths:
  /rates: {get: {responses: {"200": {description: a}, "400": {description: b}}}}
  /ports/{code}: {get: {parameters: [{name: code, in: path, required: true, schema: {type: string}}], responses: {2XX: {description: a}}}}
`

// whole is a session that proves that both operations were examined.
func whole() session.Report {
	return session.Report{
		Passive: []string{"10021"}, Base: "https://x", Contract: twoOperations, Requests: 3, Logged: 4,
		Messages: []session.Message{
			{Method: "GET", URL: "https://x/rates?a=b", Status: 200},
			{Method: "GET", URL: "https://x/rates", Status: 400},
			{Method: "GET", URL: "https://x/ports/CNGGZ", Status: 204},
		},
	}
}

// Whatever ZAP counts, only answers to every operation are evidence.
func TestProve(t *testing.T) {
	contract, err := readContract(t.Context(), twoOperations)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*session.Report)
		kind   scanner.Kind // "" for none
		says   string
	}{
		"everything":                    {func(*session.Report) {}, "", ""},
		"a service without a log":       {func(r *session.Report) { r.Logged = -1 }, "", ""},
		"no rule is on":                 {func(r *session.Report) { r.Passive = nil }, scanner.NothingExamined, "no passive rules"},
		"no request":                    {func(r *session.Report) { r.Messages = nil }, scanner.NothingExamined, "no request to https://x"},
		"a warning":                     {func(r *session.Report) { r.Warnings = []string{"Failed to access URL"} }, scanner.BadInput, "Failed to access URL"},
		"an operation is not asked":     {func(r *session.Report) { r.Messages = r.Messages[:2] }, scanner.TooFewExamined, "1 of the 2 operations of the contract; GET /ports/{code} is missing"},
		"only errors":                   {func(r *session.Report) { r.Messages = r.Messages[1:] }, scanner.TooFewExamined, "GET /rates was never answered with a success that its contract names, only with 400 (1 times)"},
		"a success that is not named":   {func(r *session.Report) { r.Messages[0].Status = 201 }, scanner.TooFewExamined, "201 (1 times), 400"},
		"a redirect":                    {func(r *session.Report) { r.Messages[0].Status = 301 }, scanner.TooFewExamined, "301"},
		"no answer at all":              {func(r *session.Report) { r.Messages[0].Status = 0 }, scanner.TooFewExamined, "0 (1 times)"},
		"another method":                {func(r *session.Report) { r.Messages[2].Method = "POST" }, scanner.TooFewExamined, "GET /ports/{code}"},
		"another path":                  {func(r *session.Report) { r.Messages[2].URL = "https://x/ports/" }, scanner.TooFewExamined, "GET /ports/{code}"},
		"more answers than were logged": {func(r *session.Report) { r.Logged = 2 }, scanner.TooFewExamined, "has only 2 requests"},
	} {
		t.Run(name, func(t *testing.T) {
			r := whole()
			test.change(&r)
			err := prove(r, contract)
			if test.kind == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			scannertest.WantKind(t, err, test.kind)
			if err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want … %s …", err, test.says)
			}
		})
	}
}

// ZAP imports each of these without a word.
func TestReadContract(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		kind scanner.Kind
	}{
		"nothing":                 {"", scanner.BadInput},
		"no document":             {"<html>", scanner.BadInput},
		"no paths":                {"openapi: 3.0.3\ninfo: {title: a, version: \"1\"}\npaths: {}\n", scanner.NothingExamined},
		"a path without a method": {"openapi: 3.0.3\ninfo: {title: a, version: \"1\"}\npaths: {/a: {}}\n", scanner.NothingExamined},
		"an unresolved reference": {strings.Replace(twoOperations, `{description: a}`, `{$ref: "#/components/responses/none"}`, 1), scanner.BadInput},
		"a reference to a file":   {strings.Replace(twoOperations, `{description: a}`, `{$ref: "/etc/passwd"}`, 1), scanner.BadInput},
		"no responses":            {"openapi: 3.0.3\ninfo: {title: a, version: \"1\"}\npaths: {/a: {get: {}}}\n", scanner.BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readContract(t.Context(), test.text)
			scannertest.WantKind(t, err, test.kind)
		})
	}
}

// An answer that says that the service failed is a finding, once at each place.
func TestServerErrors(t *testing.T) {
	r := whole()
	for range 2 {
		r.Messages = append(r.Messages, session.Message{Method: "GET", URL: "https://x/rates?a=c", Status: 500})
	}
	found, err := findings(r)
	if err != nil || scannertest.Places(found) != "server-error high GET /rates\n" {
		t.Errorf("error %v, findings\n%s", err, scannertest.Places(found))
	}
}

// A session that failed is an error of its kind, and so is one of another ZAP.
func TestFailures(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*session.Report)
		kind   scanner.Kind
	}{
		"it failed":       {func(r *session.Report) { r.Failure = &session.Failure{Kind: scanner.InputUnavailable, Detail: "x"} }, scanner.InputUnavailable},
		"another version": {func(r *session.Report) { r.Version = "2.16.1" }, scanner.WrongVersion},
		"no version":      {func(r *session.Report) { r.Version = "" }, scanner.WrongVersion},
		"no contract":     {func(r *session.Report) { r.Contract = "" }, scanner.BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			var r session.Report
			if err := json.Unmarshal(scannertest.Read(t, defect+"/zap-session.stdout"), &r); err != nil {
				t.Fatal(err)
			}
			test.change(&r)
			said, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			_, err = New().Scan(t.Context(), scannertest.Saying(scannertest.Replay(t, defect), scanner.Output{Stdout: said}))
			scannertest.WantKind(t, err, test.kind)
		})
	}
}

// The session gets what the user gave, and the key in no argument.
func TestCommands(t *testing.T) {
	for name, test := range map[string]struct {
		zap  scanner.ZAP
		want []string
	}{
		"nothing":        {scanner.ZAP{}, []string{"go build -o", "zap-session --program=$SCRATCH/service --project=$TREE --zap=/bin/zap"}},
		"active":         {scanner.ZAP{Active: true}, []string{"go build -o", "--active=10m0s"}},
		"a running ZAP":  {scanner.ZAP{URL: "http://127.0.0.1:8080", Key: "hunter2"}, []string{"go build -o", "--url=http://127.0.0.1:8080"}},
		"another target": {scanner.ZAP{Target: "https://rates.example.com"}, []string{"zap-session --target=https://rates.example.com --zap=/bin/zap"}},
	} {
		t.Run(name, func(t *testing.T) {
			job := scannertest.Replay(t, defect)
			job.ZAP = test.zap
			run, key := job.Run, ""
			job.Run = func(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
				key += strings.Join(cmd.Env, " ")
				return run(ctx, cmd)
			}
			outcome, err := New().Scan(t.Context(), job)
			if err != nil {
				t.Fatal(err)
			}
			if len(outcome.Commands) != len(test.want) {
				t.Fatalf("commands %q", outcome.Commands)
			}
			for i, want := range test.want {
				if !strings.Contains(outcome.Commands[i], want) || strings.Contains(outcome.Commands[i], "hunter2") {
					t.Errorf("command %q, want … %s …", outcome.Commands[i], want)
				}
			}
			if test.zap.Key != "" && !strings.Contains(key, KeyVariable+"=hunter2") {
				t.Errorf("the session does not get the key: %s", key)
			}
		})
	}
}

// Whatever a session prints, it is read or refused.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"failure":{"kind":"killed","detail":"x"}}`))
	f.Add(scannertest.Read(f, "zap/clean/zap-session.stdout"))
	f.Fuzz(func(t *testing.T, out []byte) {
		r, err := parse(out)
		if err != nil {
			return
		}
		c, err := readContract(t.Context(), r.Contract)
		if err != nil || prove(r, c) != nil {
			return
		}
		if len(r.Messages) < len(c) || len(r.Passive) == 0 {
			t.Errorf("%d messages are evidence for %d operations", len(r.Messages), len(c))
		}
	})
}
