// Package govulncheck is the gate that looks for known vulnerabilities in the
// code that the Go modules of the tree call, and in the program that is built
// from it, with govulncheck.
package govulncheck

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

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/gofiles"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "govulncheck", About: "known vulnerabilities in called Go code and in the built program", Unit: "packages",
		Examine: examine,
	}
}

// shipped is the folder of the program that is examined as built. In a tree
// without it, all programs are.
const shipped = "service/cmd/rates"

func examine(ctx context.Context, s *scanner.Scan) error {
	modules, err := gofiles.ModulesOf(s.Job.Tree)
	if err != nil {
		return err
	}
	if len(modules) == 0 {
		return scanner.Errorf(scanner.NothingExamined, "the repository holds no Go code that is built here")
	}
	advisories, err := ask(ctx, s)
	if err != nil {
		return err
	}
	var known vulnerabilities
	for _, module := range modules {
		r, err := source(ctx, s, module)
		if err != nil {
			return err
		}
		known.add(r, module, "")
		s.Outcome.Examined.Count += len(r.sbom.Roots)
		s.Outcome.Database = &scanner.Database{Source: r.config.DB, Date: r.config.DBLastModified, Advisories: advisories}
	}
	for _, program := range programsOf(modules) {
		r, err := binary(ctx, s, program)
		if err != nil {
			return err
		}
		known.add(r, program.Module, program.folder)
		s.Note("the program %s is built of %d modules", program.folder, len(r.sbom.Modules))
	}
	s.Found(known.findings(s.Job.Tree)...)
	replaced, err := replacedModules(s.Job.Tree)
	s.Found(replaced...)
	return err
}

// source examines the packages of a module. Each must be in the report.
func source(ctx context.Context, s *scanner.Scan, module gofiles.Module) (report, error) {
	r, err := run(ctx, s, scanner.Command{Args: slices.Concat([]string{"-C", module.Folder}, flags(s, "source"), []string{"./..."})}, "source")
	if err != nil {
		return report{}, err
	}
	for _, folder := range module.Folders {
		within := strings.TrimPrefix(strings.TrimPrefix(folder, module.Folder), "/")
		if module.Folder == "." {
			within = folder
		}
		if !slices.Contains(r.sbom.Roots, path.Join(module.Path, within)) {
			return report{}, scanner.Errorf(scanner.BadInput, "govulncheck did not examine the package in %s", folder)
		}
	}
	return r, nil
}

// program is a main package to build.
type program struct {
	gofiles.Module
	folder string
}

func programsOf(modules []gofiles.Module) []program {
	var programs []program
	for _, module := range modules {
		for _, folder := range module.Mains {
			if folder == shipped {
				return []program{{module, folder}}
			}
			programs = append(programs, program{module, folder})
		}
	}
	return programs
}

// binary builds a program and examines the code that the linker kept.
func binary(ctx context.Context, s *scanner.Scan, p program) (report, error) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return report{}, scanner.Errorf(scanner.ToolMissing, "go is missing; install it")
	}
	built := filepath.Join(s.Job.Scratch, "programs", filepath.FromSlash(p.folder), "program")
	from, err := filepath.Rel(filepath.FromSlash(p.Folder), filepath.FromSlash(p.folder))
	if err != nil {
		return report{}, err
	}
	_, err = s.Run(ctx, scanner.Command{
		Path: goTool, Args: []string{"build", "-C", p.Folder, "-o", built, "./" + filepath.ToSlash(from)}, Env: gofiles.Env(),
	})
	if e, ok := errors.AsType[*scanner.Error](err); ok && e.Kind == scanner.ToolFailed {
		return report{}, scanner.Errorf(scanner.BadInput, "%s cannot be built: %s", p.folder, e.Detail)
	}
	if err != nil {
		return report{}, err
	}
	return run(ctx, s, scanner.Command{Args: append(flags(s, "binary"), built)}, "binary")
}

func flags(s *scanner.Scan, mode string) []string {
	flags := []string{"-format", "json", "-mode", mode}
	if url := s.Job.Databases.Go; url != "" {
		flags = append(flags, "-db", url)
	}
	return flags
}

// run runs govulncheck in a mode.
func run(ctx context.Context, s *scanner.Scan, cmd scanner.Command, mode string) (report, error) {
	out, err := output(ctx, s, cmd)
	if err != nil {
		return report{}, err
	}
	return parse(out, mode)
}

// output runs govulncheck in a shell that marks the end of the output. Otherwise
// output that lacks its last messages would look like the report of a better
// program.
func output(ctx context.Context, s *scanner.Scan, cmd scanner.Command) ([]byte, error) {
	cmd.Path, cmd.Dir, cmd.Env = s.Tool.Path, s.Job.Tree.Dir, gofiles.Env()
	s.Outcome.Commands = append(s.Outcome.Commands, s.Job.Typed(cmd))
	const script = `"$0" "$@" && echo '` + endMessage + `'`
	cmd.Args = append([]string{"-c", script, cmd.Path}, cmd.Args...)
	cmd.Path = "/bin/sh"
	out, err := s.Job.Run(ctx, cmd)
	if e, ok := errors.AsType[*scanner.Error](err); ok && e.Kind == scanner.ToolFailed {
		return nil, failure(s.Job, out, e)
	}
	return out.Stdout, err
}

// goErrorLine matches an error of the compiler.
var goErrorLine = regexp.MustCompile(`(?m)^(\S+\.go):(\d+:\d+: .*)$`)

// failure says why govulncheck failed.
func failure(job scanner.Job, out scanner.Output, err *scanner.Error) *scanner.Error {
	const notFound, signal = 127, 128 // exit codes of the shell
	said := strings.Join(strings.Fields(string(out.Stderr)), " ")
	switch {
	case out.Exit == notFound:
		return scanner.Errorf(scanner.ToolMissing, "govulncheck is missing; run: make tools")
	case out.Exit > signal:
		return scanner.Errorf(scanner.Killed, "govulncheck was killed by signal %d", out.Exit-signal)
	case strings.Contains(said, "creating client: "), strings.Contains(said, "fetching vulnerabilities: "):
		return scanner.Errorf(scanner.DatabaseMissing, "%s is not a Go vulnerability database, or cannot be reached (%s); set GOVULNDB to the URL of one, such as file:///DIR of a copy",
			cmp.Or(job.Databases.Go, "https://vuln.go.dev"), said)
	case strings.Contains(said, "loading packages: "), strings.Contains(said, "no packages matched"):
		if at := goErrorLine.FindSubmatch(out.Stderr); at != nil {
			said = fmt.Sprintf("%s:%s", job.Tree.Name(string(at[1]), "."), at[2])
		}
		return scanner.Errorf(scanner.BadInput, "%s", said)
	default:
		return err
	}
}
