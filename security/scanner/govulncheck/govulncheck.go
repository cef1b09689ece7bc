package scanner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Govulncheck looks for known vulnerabilities in the code that the Go modules
// of the tree call, and in the program that is built from it.
type Govulncheck struct{}

// Name implements Scanner.
func (Govulncheck) Name() string { return "govulncheck" }

// Subject implements Scanner.
func (Govulncheck) Subject() string {
	return "known vulnerabilities in called Go code and in the built program"
}

// shipped is the folder of the program that is examined as it is built. In a
// tree without it, all programs are.
const shipped = "service/cmd/rates"

// Scan implements Scanner.
func (g Govulncheck) Scan(ctx context.Context, job Job) (Outcome, error) {
	tool, err := job.Tool(ctx, "govulncheck")
	if err != nil {
		return Outcome{}, err
	}
	modules, err := goPackagesOf(job.Tree)
	if err != nil {
		return Outcome{}, err
	}
	if len(modules) == 0 {
		return Outcome{}, Errorf(NothingExamined, "the repository holds no Go code that is built here")
	}
	outcome := Outcome{Tool: tool.Name, Version: tool.Version, Examined: Examined{Unit: "packages"}}
	var known vulnerabilities
	for _, module := range modules {
		report, err := g.source(ctx, job, tool, module, &outcome)
		if err != nil {
			return Outcome{}, err
		}
		known.add(report, module, "")
		outcome.Examined.Count += len(report.sbom.Roots)
		outcome.Database = &Database{Source: report.config.DB, Date: report.config.DBLastModified}
	}
	for _, program := range programsOf(modules) {
		report, err := g.binary(ctx, job, tool, program, &outcome)
		if err != nil {
			return Outcome{}, err
		}
		known.add(report, program.goPackages, program.folder)
		outcome.Notes = append(outcome.Notes, fmt.Sprintf("the program %s is built of %d modules", program.folder, len(report.sbom.Modules)))
	}
	replaced, err := replacedModules(g.Name(), job.Tree)
	outcome.Findings = append(known.findings(g.Name(), job.Tree), replaced...)
	return outcome, err
}

// source examines the packages of a module. One that it does not name is an
// error.
func (g Govulncheck) source(ctx context.Context, job Job, tool Tool, module goPackages, outcome *Outcome) (govulncheckReport, error) {
	report, err := g.run(ctx, job, outcome, Command{
		Path: tool.Path, Args: append([]string{"-C", module.module}, append(g.flags(job), "./...")...), Dir: job.Tree.Dir, Env: goEnv(),
	}, "source")
	if err != nil {
		return govulncheckReport{}, err
	}
	for _, folder := range module.folders {
		within := strings.TrimPrefix(strings.TrimPrefix(folder, module.module), "/")
		if module.module == "." {
			within = folder
		}
		if !slices.Contains(report.sbom.Roots, path.Join(module.path, within)) {
			return govulncheckReport{}, Errorf(BadInput, "govulncheck did not examine the package in %s", folder)
		}
	}
	return report, nil
}

// program is a main package to be built.
type program struct {
	goPackages
	folder string
}

func programsOf(modules []goPackages) []program {
	var programs []program
	for _, module := range modules {
		for _, folder := range module.mains {
			if folder == shipped {
				return []program{{module, folder}}
			}
			programs = append(programs, program{module, folder})
		}
	}
	return programs
}

// binary builds a program and examines what the linker left in it.
func (g Govulncheck) binary(ctx context.Context, job Job, tool Tool, p program, outcome *Outcome) (govulncheckReport, error) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return govulncheckReport{}, Errorf(ToolMissing, "go is not there; install it")
	}
	built := filepath.Join(job.Scratch, "programs", filepath.FromSlash(p.folder), "program")
	from, err := filepath.Rel(filepath.FromSlash(p.module), filepath.FromSlash(p.folder))
	if err != nil {
		return govulncheckReport{}, err
	}
	build := Command{
		Path: goTool, Args: []string{"build", "-C", p.module, "-o", built, "./" + filepath.ToSlash(from)}, Dir: job.Tree.Dir, Env: goEnv(),
	}
	_, err = job.Run(ctx, build)
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ToolFailed {
		return govulncheckReport{}, Errorf(BadInput, "%s cannot be built: %s", p.folder, e.Detail)
	}
	if err != nil {
		return govulncheckReport{}, err
	}
	outcome.Commands = append(outcome.Commands, job.typed(build))
	return g.run(ctx, job, outcome, Command{
		Path: tool.Path, Args: append(g.flags(job), "-mode", "binary", built), Dir: job.Tree.Dir, Env: goEnv(),
	}, "binary")
}

func (Govulncheck) flags(job Job) []string {
	flags := []string{"-format", "json"}
	if job.Databases.Go != "" {
		flags = append(flags, "-db", job.Databases.Go)
	}
	return flags
}

// run runs govulncheck in a shell that says when it came to its end, since
// what it prints has none: with a part of it missing it would be the report of
// a better program.
func (Govulncheck) run(ctx context.Context, job Job, outcome *Outcome, cmd Command, mode string) (govulncheckReport, error) {
	outcome.Commands = append(outcome.Commands, job.typed(cmd))
	const script = `"$0" "$@" && echo '` + govulncheckEnd + `'`
	cmd.Args = append([]string{"-c", script, cmd.Path}, cmd.Args...)
	cmd.Path = "/bin/sh"
	out, err := job.Run(ctx, cmd)
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ToolFailed {
		return govulncheckReport{}, govulncheckFailure(job, out, e)
	}
	if err != nil {
		return govulncheckReport{}, err
	}
	return parseGovulncheck(out.Stdout, mode)
}

// goErrorLine matches what the compiler says of a line.
var goErrorLine = regexp.MustCompile(`(?m)^(\S+\.go):(\d+:\d+: .*)$`)

// govulncheckFailure says what govulncheck failed at.
func govulncheckFailure(job Job, out Output, err *Error) *Error {
	const notFound, signal = 127, 128 // exit codes of the shell
	said := strings.Join(strings.Fields(string(out.Stderr)), " ")
	switch {
	case out.Exit == notFound:
		return Errorf(ToolMissing, "govulncheck is not there; run: make tools")
	case out.Exit > signal:
		return Errorf(Killed, "govulncheck was ended by signal %d", out.Exit-signal)
	case strings.Contains(said, "creating client: "), strings.Contains(said, "fetching vulnerabilities: "):
		return Errorf(DatabaseMissing, "%s is no Go vulnerability database, or out of reach (%s); set GOVULNDB to the URL of one, such as file:///DIR of a copy",
			cmp.Or(job.Databases.Go, "https://vuln.go.dev"), said)
	case strings.Contains(said, "loading packages: "), strings.Contains(said, "no packages matched"):
		if at := goErrorLine.FindSubmatch(out.Stderr); at != nil {
			said = fmt.Sprintf("%s:%s", job.Tree.Name(string(at[1]), "."), at[2])
		}
		return Errorf(BadInput, "%s", said)
	default:
		return err
	}
}
