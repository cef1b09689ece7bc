package scanner

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/tree"
)

// govulncheckReplay returns a job over a canary in which govulncheck prints
// what was recorded on it, and programs are built without a word.
func govulncheckReplay(t *testing.T, canary string) Job {
	t.Helper()
	return govulncheckSaying(t, canary,
		Output{Stdout: recorded(t, "govulncheck/"+canary+".source.json")}, Output{Stdout: recorded(t, "govulncheck/"+canary+".binary.json")})
}

func govulncheckSaying(t *testing.T, canary string, source, binary Output) Job {
	t.Helper()
	job := replay(t, "govulncheck/"+canary, nil, nil)
	job.Tree.Repository = "/tree" // where it was recorded
	job.Run = func(_ context.Context, cmd Command) (Output, error) {
		out := Output{}
		switch {
		case slices.Contains(cmd.Args, "binary"):
			out = binary
		case slices.Contains(cmd.Args, "./..."):
			out = source
		}
		if out.Exit != 0 {
			return out, Errorf(ToolFailed, "sh ended with code %d%s", out.Exit, lastWords(out))
		}
		return out, nil
	}
	return job
}

func TestGovulncheckFinds(t *testing.T) {
	for canary, want := range map[string]string{
		"defect": `GO-2021-0113 high go.mod:5 (golang.org/x/text@v0.3.5)
GO-2022-1059 low go.mod:5 (golang.org/x/text@v0.3.5)
GO-2026-5970 info go.mod:5 (golang.org/x/text@v0.3.5)
`,
		"imported": `GO-2021-0113 low go.mod:5 (golang.org/x/text@v0.3.5)
GO-2022-1059 low go.mod:5 (golang.org/x/text@v0.3.5)
GO-2026-5970 info go.mod:5 (golang.org/x/text@v0.3.5)
`,
	} {
		t.Run(canary, func(t *testing.T) {
			outcome, err := Govulncheck{}.Scan(t.Context(), govulncheckReplay(t, canary))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if want := (Examined{Count: 1, Unit: "packages"}); outcome.Examined != want {
				t.Errorf("examined %v, want %v", outcome.Examined, want)
			}
			if want := time.Date(2026, 8, 21, 20, 38, 0, 0, time.UTC); outcome.Database == nil || !outcome.Database.Date.Equal(want) {
				t.Errorf("database is %v, want one of %v", outcome.Database, want)
			}
		})
	}
}

func TestGovulncheckSaysWhereAndWhatToDo(t *testing.T) {
	outcome, err := Govulncheck{}.Scan(t.Context(), govulncheckReplay(t, "defect"))
	if err != nil {
		t.Fatal(err)
	}
	f := outcome.Findings[0]
	if !strings.HasSuffix(f.Message, "It is reached from service/cmd/rates/main.go:12 (golang.org/x/text/language.Parse).") {
		t.Errorf("message is %q", f.Message)
	}
	if want := "Run: go get golang.org/x/text@v0.3.7 && go mod tidy"; f.Help != want {
		t.Errorf("help is %q, want %q", f.Help, want)
	}
	if want := []string{"CVE-2021-38561", "GHSA-ppp9-7jff-5vj2"}; !cmp.Equal(f.Aliases, want) {
		t.Errorf("other names are %v, want %v", f.Aliases, want)
	}
}

// What the linker left in the program counts, even where no call was seen.
func TestGovulncheckBelievesTheProgram(t *testing.T) {
	job := govulncheckSaying(t, "imported",
		Output{Stdout: recorded(t, "govulncheck/imported.source.json")}, Output{Stdout: recorded(t, "govulncheck/defect.binary.json")})
	outcome, err := Govulncheck{}.Scan(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if f := outcome.Findings[0]; f.Severity != called || !strings.HasSuffix(f.Message, "Its code is part of the program service/cmd/rates.") {
		t.Errorf("found %s %s: %s", f.Severity, f.Rule, f.Message)
	}
}

func TestGovulncheckTellsTheVersionOfGoToBuildWith(t *testing.T) {
	finding := `{"finding":{"osv":"GO-2026-6218","fixed_version":"v1.26.9","trace":[{"module":"stdlib","version":"go1.26.8","package":"net/url","function":"Parse","receiver":"*URL"}]}}`
	job := govulncheckSaying(t, "clean",
		Output{Stdout: recorded(t, "govulncheck/clean.source.json")},
		Output{Stdout: bytes.Replace(recorded(t, "govulncheck/clean.binary.json"), []byte(govulncheckEnd), []byte(finding+govulncheckEnd), 1)})
	outcome, err := Govulncheck{}.Scan(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if want := "GO-2026-6218 high go.mod:3 (stdlib@v1.26.8)\n"; places(outcome.Findings) != want {
		t.Fatalf("findings are %q, want %q", places(outcome.Findings), want)
	}
	if want := "Build with Go 1.26.9 or later."; outcome.Findings[0].Help != want {
		t.Errorf("help is %q, want %q", outcome.Findings[0].Help, want)
	}
}

func TestGovulncheckPassesWhatIsRight(t *testing.T) {
	outcome, err := Govulncheck{}.Scan(t.Context(), govulncheckReplay(t, "clean"))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 {
		t.Errorf("examined %v with findings\n%s", outcome.Examined, places(outcome.Findings))
	}
}

func TestGovulncheckErrors(t *testing.T) {
	failing := func(exit int, stderr string) Job {
		return govulncheckSaying(t, "clean", Output{Stderr: []byte(stderr), Exit: exit}, Output{})
	}
	replaced := func(old, by string) Job {
		source := recorded(t, "govulncheck/clean.source.json")
		if !bytes.Contains(source, []byte(old)) {
			t.Fatalf("there is no %s to replace", old)
		}
		return govulncheckSaying(t, "clean", Output{Stdout: bytes.ReplaceAll(source, []byte(old), []byte(by))}, Output{})
	}
	const known = `{"osv":{"id":"GO-2021-0113"}}`
	empty := recorded(t, "govulncheck/clean.source.json")
	for line := range bytes.Lines(empty) {
		if bytes.HasPrefix(line, []byte(`{"osv"`)) {
			empty = bytes.Replace(empty, line, nil, 1)
		}
	}
	source := Output{Stdout: recorded(t, "govulncheck/clean.source.json")}
	for name, c := range map[string]struct {
		job  Job
		kind Kind
	}{
		"no tool":                     {brokenTool(govulncheckReplay(t, "clean"), ToolMissing), ToolMissing},
		"no tool at its place":        {failing(127, "sh: 0: not found"), ToolMissing},
		"killed":                      {brokenRun(govulncheckReplay(t, "clean"), Killed), Killed},
		"killed within the shell":     {failing(137, "Killed"), Killed},
		"out of time":                 {brokenRun(govulncheckReplay(t, "clean"), TimedOut), TimedOut},
		"crashed":                     {failing(2, "panic: no"), ToolFailed},
		"empty tree":                  {replay(t, "", nil, nil), NothingExamined},
		"nothing but tests":           {replay(t, "govulncheck/tests", nil, nil), NothingExamined},
		"does not compile":            {failing(1, string(recorded(t, "govulncheck/untyped.stderr"))), BadInput},
		"no database":                 {failing(1, "creating client: stat /databases: no such file or directory\n"), DatabaseMissing},
		"out of reach":                {failing(1, "govulncheck: fetching vulnerabilities: Get \"https://vuln.go.dev/\": no such host\n"), DatabaseMissing},
		"database without a date":     {replaced(`"db_last_modified":"2026-08-21T20:38:00Z",`, ""), DatabaseMissing},
		"database of the year 1":      {replaced("2026-08-21T20:38:00Z", "0001-01-01T00:00:00Z"), DatabaseMissing},
		"empty database":              {govulncheckSaying(t, "clean", Output{Stdout: empty}, Output{}), DatabaseMissing},
		"prints nothing":              {govulncheckSaying(t, "clean", Output{}, Output{}), BadOutput},
		"prints nothing on a program": {govulncheckSaying(t, "clean", source, Output{}), BadOutput},
		"source for a program":        {govulncheckSaying(t, "clean", source, source), BadOutput},
		"only the modules":            {replaced(`"scan_level":"symbol"`, `"scan_level":"module"`), BadOutput},
		"other protocol":              {replaced("v1.0.0", "v2.0.0"), BadOutput},
		"unknown message":             {replaced(govulncheckEnd, `{"vulnerability":{}}`+govulncheckEnd), BadOutput},
		"unknown vulnerability":       {replaced(govulncheckEnd, `{"finding":{"osv":"GO-1","trace":[{}]}}`+govulncheckEnd), BadOutput},
		"finding without a trace":     {replaced(govulncheckEnd, known+`{"finding":{"osv":"GO-2021-0113"}}`+govulncheckEnd), BadOutput},
		"more after the end":          {replaced(govulncheckEnd, govulncheckEnd+known), BadOutput},
		"no packages":                 {replaced(`"example.com/canary/service/cmd/rates"`, ""), NothingExamined},
		"other packages":              {replaced("canary/service/cmd/rates", "canary/other"), BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Govulncheck{}.Scan(t.Context(), c.job)
			wantKind(t, err, c.kind)
		})
	}
}

func TestGovulncheckNamesTheLineThatDoesNotCompile(t *testing.T) {
	job := govulncheckSaying(t, "untyped", Output{Stderr: recorded(t, "govulncheck/untyped.stderr"), Exit: 1}, Output{})
	_, err := Govulncheck{}.Scan(t.Context(), job)
	if err == nil || !strings.Contains(err.Error(), "not parsed: rates.go:5:27: cannot use") {
		t.Errorf("error is %v", err)
	}
}

// A program that cannot be built cannot be examined.
func TestGovulncheckNeedsTheProgram(t *testing.T) {
	job := govulncheckReplay(t, "clean")
	run := job.Run
	job.Run = func(ctx context.Context, cmd Command) (Output, error) {
		if cmd.Args[0] == "build" {
			return Output{Exit: 1}, Errorf(ToolFailed, "go ended with code 1: main.go:3: no")
		}
		return run(ctx, cmd)
	}
	_, err := Govulncheck{}.Scan(t.Context(), job)
	wantKind(t, err, BadInput)
}

// The output has no end of its own: whatever is missing of it, be it whole
// messages, must be missed.
func TestGovulncheckCutOff(t *testing.T) {
	for _, name := range []string{"defect.source", "imported.source", "clean.binary"} {
		whole := recorded(t, "govulncheck/"+name+".json")
		_, mode, _ := strings.Cut(name, ".")
		if _, err := parseGovulncheck(whole, mode); err != nil {
			t.Fatal(err)
		}
		for n := range len(bytes.TrimSpace(whole)) {
			if _, err := parseGovulncheck(whole[:n], mode); err == nil {
				t.Fatalf("%s: %d bytes were taken for all %d", name, n, len(whole))
			}
		}
	}
}

func FuzzGovulncheck(f *testing.F) {
	for _, name := range []string{"defect.source", "clean.source", "defect.binary"} {
		f.Add(recorded(f, "govulncheck/"+name+".json"))
	}
	f.Fuzz(func(t *testing.T, out []byte) {
		for _, mode := range []string{"source", "binary"} {
			report, err := parseGovulncheck(out, mode)
			if err != nil {
				continue
			}
			var known vulnerabilities
			known.add(report, goPackages{module: ".", path: "example.com/canary"}, "")
			found := known.findings("govulncheck", tree.Tree{Dir: "/tree", Repository: "/tree"})
			if len(report.findings) > 0 && len(found) == 0 {
				t.Errorf("of %d findings none is left", len(report.findings))
			}
			for _, one := range found {
				if one.Rule == "" || len(one.Witnesses) != 1 {
					t.Errorf("finding without rule or witness: %+v", one)
				}
			}
		}
	})
}
