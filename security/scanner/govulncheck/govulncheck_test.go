package govulncheck

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/gofiles"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

func govulncheckSaying(t *testing.T, canary string, source, binary scanner.Output) scanner.Job {
	t.Helper()
	job := scannertest.Job(t, "govulncheck/"+canary, scanner.Output{})
	job.Run = func(_ context.Context, cmd scanner.Command) (scanner.Output, error) {
		out := scanner.Output{}
		switch {
		case slices.Contains(cmd.Args, "query"):
			out.Stdout = scannertest.Read(t, "govulncheck/query.stdout")
		case slices.Contains(cmd.Args, "binary"):
			out = binary
		case slices.Contains(cmd.Args, "./..."):
			out = source
		}
		if out.Exit != 0 {
			return out, scanner.Errorf(scanner.ToolFailed, "sh ended with code %d%s", out.Exit, scanner.LastWords(out))
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
			outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "govulncheck/"+canary))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if want := (scanner.Examined{Count: 1, Unit: "packages"}); outcome.Examined != want {
				t.Errorf("examined %v, want %v", outcome.Examined, want)
			}
			if want := time.Date(2026, 8, 21, 20, 38, 0, 0, time.UTC); outcome.Database == nil || !outcome.Database.Date.Equal(want) {
				t.Errorf("database is %v, want one of %v", outcome.Database, want)
			}
		})
	}
}

func TestGovulncheckSaysWhereAndWhatToDo(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "govulncheck/defect"))
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

// Code that the linker left in the program counts even if no call was seen.
func TestGovulncheckReportsLinkedCode(t *testing.T) {
	job := govulncheckSaying(t, "imported",
		scanner.Output{Stdout: scannertest.Read(t, "govulncheck/imported/source.stdout")}, scanner.Output{Stdout: scannertest.Read(t, "govulncheck/defect/binary.stdout")})
	outcome, err := New().Scan(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if f := outcome.Findings[0]; f.Severity != called || !strings.HasSuffix(f.Message, "Its code is part of the program service/cmd/rates.") {
		t.Errorf("found %s %s: %s", f.Severity, f.Rule, f.Message)
	}
}

func TestGovulncheckNamesTheFixedVersionOfGo(t *testing.T) {
	finding := `{"finding":{"osv":"GO-2026-6218","fixed_version":"v1.26.9","trace":[{"module":"stdlib","version":"go1.26.8","package":"net/url","function":"Parse","receiver":"*URL"}]}}`
	job := govulncheckSaying(t, "clean",
		scanner.Output{Stdout: scannertest.Read(t, "govulncheck/clean/source.stdout")},
		scanner.Output{Stdout: bytes.Replace(scannertest.Read(t, "govulncheck/clean/binary.stdout"), []byte(endMessage), []byte(finding+endMessage), 1)})
	outcome, err := New().Scan(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if want := "GO-2026-6218 high go.mod:3 (stdlib@v1.26.8)\n"; scannertest.Places(outcome.Findings) != want {
		t.Fatalf("findings are %q, want %q", scannertest.Places(outcome.Findings), want)
	}
	if want := "Build with Go 1.26.9 or later."; outcome.Findings[0].Help != want {
		t.Errorf("help is %q, want %q", outcome.Findings[0].Help, want)
	}
}

func TestGovulncheckErrors(t *testing.T) {
	failing := func(exit int, stderr string) scanner.Job {
		return govulncheckSaying(t, "clean", scanner.Output{Stderr: []byte(stderr), Exit: exit}, scanner.Output{})
	}
	replaced := func(old, by string) scanner.Job {
		source := scannertest.Read(t, "govulncheck/clean/source.stdout")
		if !bytes.Contains(source, []byte(old)) {
			t.Fatalf("there is no %s to replace", old)
		}
		return govulncheckSaying(t, "clean", scanner.Output{Stdout: bytes.ReplaceAll(source, []byte(old), []byte(by))}, scanner.Output{})
	}
	const known = `{"osv":{"id":"GO-2021-0113"}}`
	empty := scannertest.Read(t, "govulncheck/clean/source.stdout")
	for line := range bytes.Lines(empty) {
		if bytes.HasPrefix(line, []byte(`{"osv"`)) {
			empty = bytes.Replace(empty, line, nil, 1)
		}
	}
	source := scanner.Output{Stdout: scannertest.Read(t, "govulncheck/clean/source.stdout")}
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"tool not in its folder":      {failing(127, "sh: 0: not found"), scanner.ToolMissing},
		"killed within the shell":     {failing(137, "Killed"), scanner.Killed},
		"crashed":                     {failing(2, "panic: no"), scanner.ToolFailed},
		"nothing but tests":           {scannertest.Job(t, "govulncheck/tests", scanner.Output{}), scanner.NothingExamined},
		"does not compile":            {failing(1, string(scannertest.Read(t, "govulncheck/untyped.stderr"))), scanner.BadInput},
		"no database":                 {failing(1, "creating client: stat /databases: no such file or directory\n"), scanner.DatabaseMissing},
		"out of reach":                {failing(1, "govulncheck: fetching vulnerabilities: Get \"https://vuln.go.dev/\": no such host\n"), scanner.DatabaseMissing},
		"database without a date":     {replaced(`"db_last_modified":"2026-08-21T20:38:00Z",`, ""), scanner.DatabaseMissing},
		"database of the year 1":      {replaced("2026-08-21T20:38:00Z", "0001-01-01T00:00:00Z"), scanner.DatabaseMissing},
		"empty database":              {govulncheckSaying(t, "clean", scanner.Output{Stdout: empty}, scanner.Output{}), scanner.DatabaseMissing},
		"prints nothing on a program": {govulncheckSaying(t, "clean", source, scanner.Output{}), scanner.BadOutput},
		"source for a program":        {govulncheckSaying(t, "clean", source, source), scanner.BadOutput},
		"only the modules":            {replaced(`"scan_level":"symbol"`, `"scan_level":"module"`), scanner.BadOutput},
		"other protocol":              {replaced("v1.0.0", "v2.0.0"), scanner.BadOutput},
		"unknown message":             {replaced(endMessage, `{"vulnerability":{}}`+endMessage), scanner.BadOutput},
		"unknown vulnerability":       {replaced(endMessage, `{"finding":{"osv":"GO-1","trace":[{}]}}`+endMessage), scanner.BadOutput},
		"finding without a trace":     {replaced(endMessage, known+`{"finding":{"osv":"GO-2021-0113"}}`+endMessage), scanner.BadOutput},
		"more after the end":          {replaced(endMessage, endMessage+known), scanner.BadOutput},
		"no packages":                 {replaced(`"example.com/canary/service/cmd/rates"`, ""), scanner.NothingExamined},
		"other packages":              {replaced("canary/service/cmd/rates", "canary/other"), scanner.BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), c.job)
			scannertest.WantKind(t, err, c.kind)
		})
	}
}

func TestGovulncheckNamesTheLineThatDoesNotCompile(t *testing.T) {
	job := govulncheckSaying(t, "untyped", scanner.Output{Stderr: scannertest.Read(t, "govulncheck/untyped.stderr"), Exit: 1}, scanner.Output{})
	_, err := New().Scan(t.Context(), job)
	if err == nil || !strings.Contains(err.Error(), "not parsed: rates.go:5:27: cannot use") {
		t.Errorf("error is %v", err)
	}
}

// A program that cannot be built cannot be examined.
func TestGovulncheckNeedsTheProgram(t *testing.T) {
	job := scannertest.Replay(t, "govulncheck/clean")
	run := job.Run
	job.Run = func(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
		if cmd.Args[0] == "build" {
			return scanner.Output{Exit: 1}, scanner.Errorf(scanner.ToolFailed, "go ended with code 1: main.go:3: no")
		}
		return run(ctx, cmd)
	}
	_, err := New().Scan(t.Context(), job)
	scannertest.WantKind(t, err, scanner.BadInput)
}

// The output of the tool has no end marker, so every missing byte must be noticed,
// even if whole messages are missing.
func TestGovulncheckCutOff(t *testing.T) {
	for _, name := range []string{"defect/source", "imported/source", "clean/binary"} {
		whole := scannertest.Read(t, "govulncheck/"+name+".stdout")
		_, mode, _ := strings.Cut(name, "/")
		if _, err := parse(whole, mode); err != nil {
			t.Fatal(err)
		}
		for _, n := range scannertest.Cuts(whole, 200) {
			if _, err := parse(whole[:n], mode); err == nil {
				t.Fatalf("%s: %d bytes were accepted as all %d", name, n, len(whole))
			}
		}
	}
}

func FuzzGovulncheck(f *testing.F) {
	for _, name := range []string{"defect/source", "clean/source", "defect/binary"} {
		f.Add(scannertest.Read(f, "govulncheck/"+name+".stdout"))
	}
	f.Fuzz(func(t *testing.T, out []byte) {
		for _, mode := range []string{"source", "binary"} {
			r, err := parse(out, mode)
			if err != nil {
				continue
			}
			var known vulnerabilities
			known.add(r, gofiles.Module{Folder: ".", Path: "example.com/canary"}, "")
			found := known.findings(tree.Tree{Dir: "/tree", Repository: "/tree"})
			if len(r.findings) > 0 && len(found) == 0 {
				t.Errorf("of %d findings none is left", len(r.findings))
			}
			for _, one := range found {
				if one.Rule == "" {
					t.Errorf("finding without rule: %+v", one)
				}
			}
		}
	})
}
