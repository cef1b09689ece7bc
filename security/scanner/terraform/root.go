package terraform

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/scanner"
)

// Root is a root that Terraform works in. Several can be in use at the same
// time, even of the same folder.
type Root struct {
	Name string   // its folder in the repository
	Ran  []string // commands that were run, as typed in a shell

	copy *Copy
}

// In returns the root of that name.
func (c *Copy) In(name string) *Root { return &Root{Name: name, copy: c} }

// dir is the folder in the copy.
func (r *Root) dir() string { return filepath.Join(r.copy.folder, filepath.FromSlash(r.Name)) }

// FS holds the files of the copy.
func (r *Root) FS() fs.FS { return os.DirFS(r.dir()) }

// Run runs terraform in the root.
func (r *Root) Run(ctx context.Context, exits []int, args ...string) (scanner.Output, error) {
	cmd := scanner.Command{Path: r.copy.Tool.Path, Args: args, Dir: r.dir(), Env: r.copy.env, Exits: exits}
	r.Ran = append(r.Ran, "(cd "+r.Name+" && "+r.copy.job.Typed(cmd)+")")
	return r.copy.job.Run(ctx, cmd)
}

// Test runs terraform test and reads its output.
func (r *Root) Test(ctx context.Context, args ...string) (Report, error) {
	out, err := r.Run(ctx, []int{0, 1}, args...)
	if err != nil {
		return Report{}, err
	}
	report, err := ParseTest(out.Stdout)
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return Report{}, scanner.Errorf(scanner.BadInput, "%s/%s", r.Name, invalid.Diagnostics[0])
	}
	if err != nil {
		return Report{}, scanner.Errorf(scanner.BadOutput, "%s: %w%s", r.Name, err, scanner.LastWords(scanner.Output{Stderr: out.Stderr}))
	}
	bad := slices.ContainsFunc(report.Results, func(result Result) bool { return result.Status != "pass" })
	if bad != (out.Exit == 1) {
		return Report{}, scanner.Errorf(scanner.BadOutput, "%s: terraform test ended with code %d, which contradicts its runs", r.Name, out.Exit)
	}
	for _, result := range report.Results {
		if result.Status == "error" || result.Status == "skip" {
			return Report{}, scanner.Errorf(scanner.BadInput, "%s/%s: it could not run%s", r.Name, result.Run, because(report, result.Run))
		}
	}
	return report, nil
}

// because returns what Terraform said about a run, for messages.
func because(report Report, run Run) string {
	for _, d := range report.Diagnostics {
		if d.Run == run {
			return ": " + d.String()
		}
	}
	return ""
}

// Validate runs terraform validate, in which the providers check the root too.
func (r *Root) Validate(ctx context.Context) error {
	out, err := r.Run(ctx, []int{0, 1}, "validate", "-json")
	if err != nil {
		return err
	}
	return parseValidation(out, r.Name)
}

// parseValidation returns an error unless terraform validate -json says that a
// root is valid.
func parseValidation(out scanner.Output, root string) error {
	var answer struct {
		Valid       *bool `json:"valid"`
		Diagnostics []struct {
			Severity, Summary, Detail string
			Range                     struct {
				Filename string
				Start    struct{ Line int }
			}
		} `json:"diagnostics"`
	}
	if err := json.Unmarshal(out.Stdout, &answer); err != nil || answer.Valid == nil {
		return scanner.Errorf(scanner.BadOutput, "%s: terraform validate printed %s", root, scanner.Describe(out.Stdout))
	}
	if *answer.Valid != (out.Exit == 0) {
		return scanner.Errorf(scanner.BadOutput, "%s: terraform validate ended with code %d and says that valid is %t", root, out.Exit, *answer.Valid)
	}
	for _, d := range answer.Diagnostics {
		if d.Severity == "error" {
			at := Diagnostic{Summary: d.Summary, Detail: d.Detail, File: d.Range.Filename, Line: d.Range.Start.Line}
			return scanner.Errorf(scanner.BadInput, "%s/%s", root, at)
		}
	}
	if !*answer.Valid {
		return scanner.Errorf(scanner.BadInput, "%s: terraform validate says that it is not valid", root)
	}
	return nil
}

// Sentence returns the text in the boxes that Terraform prints, as one line.
func Sentence(said []byte) string {
	text := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if strings.ContainsRune("╷│╵", r) {
			return ' '
		}
		return r
	}, string(said))), " ")
	if at := strings.Index(text, "Error: "); at >= 0 {
		text = text[at:]
	}
	const most = 400
	return scanner.Shortened(text, most)
}
