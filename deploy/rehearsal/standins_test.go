package rehearsal

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// standIn is a program under the name of another. It keeps what it does in the
// folder of the world.
type standIn func(w place, args []string) error

var standIns = map[string]standIn{
	"az": az, "azure": azure, "cosign": cosign, "docker": docker, "gh": gh, "go": goCommand, "make": makeCommand,
}

func (s standIn) run(args []string) int {
	if err := s(place(os.Getenv("REHEARSAL")), args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// place is the folder of the world.
type place string

func (w place) at(elements ...string) string {
	return filepath.Join(append([]string{string(w)}, elements...)...)
}

func (w place) read(elements ...string) string {
	text, err := os.ReadFile(w.at(elements...))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func (w place) write(text string, elements ...string) error {
	path := w.at(elements...)
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600))
}

// option returns the value of a flag.
func option(args []string, flag string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, flag+"="); ok {
			return value
		}
		if arg == flag && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

func last(args []string) string { return args[len(args)-1] }

func unknown(program string, args []string) error {
	return fmt.Errorf("the stand-in for %s does not know %q", program, args)
}

// plain is an image name as the name of a file.
func plain(image string) string { return strings.ReplaceAll(image, "/", "+") }

// real replaces this process by the program that it stands in for.
func (w place) real(program string, args []string) error {
	var paths []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if dir != w.at("bin") {
			paths = append(paths, dir)
		}
	}
	if err := os.Setenv("PATH", strings.Join(paths, ":")); err != nil {
		return err
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return err
	}
	// What it starts finds the stand-ins again.
	if err := os.Setenv("PATH", strings.Join(append([]string{w.at("bin")}, paths...), ":")); err != nil {
		return err
	}
	return syscall.Exec(path, append([]string{program}, args...), os.Environ())
}

// makeCommand runs what is quick and leaves out the rest.
func makeCommand(w place, args []string) error {
	target := args[0]
	if target == w.read("set", failing) {
		return fmt.Errorf("make: %s failed", target)
	}
	switch target {
	case "bdd":
		return w.real("make", args)
	case "security":
		return w.real("go", []string{"run", "./security/cmd/gates", "run", "--only=actionlint,zizmor,hadolint,suppressions"})
	case "zap":
		return report()
	case "build":
		if err := os.MkdirAll("bin", 0o700); err != nil {
			return err
		}
		return os.WriteFile("bin/rates", []byte("#!/bin/sh\necho left out of the rehearsal\n"), 0o700) // #nosec G306 -- a program
	default:
		fmt.Printf("make %s is left out of the rehearsal\n", target)
		return nil
	}
}

// report stands for the report of ZAP, which is not here.
func report() error {
	return errors.Join(os.MkdirAll("reports/zap", 0o700), os.WriteFile("reports/zap/report.md", []byte("left out of the rehearsal\n"), 0o600))
}

// goCommand is go, but for the gate that needs a database of vulnerabilities.
func goCommand(w place, args []string) error {
	if slices.Contains(args, "--only=trivy-image") {
		return nil
	}
	return w.real("go", args)
}

// gh keeps issues as files with their numbers, by label.
func gh(w place, args []string) error {
	label := option(args, "--label")
	switch strings.Join(args[:2], " ") {
	case "issue list":
		fmt.Print(w.read("issues", label))
		return nil
	case "issue create":
		return w.write(strconv.Itoa(os.Getpid()), "issues", label)
	case "issue close":
		files, err := os.ReadDir(w.at("issues"))
		for _, file := range files {
			if w.read("issues", file.Name()) == args[2] {
				return os.Remove(w.at("issues", file.Name()))
			}
		}
		return fmt.Errorf("there is no issue %s: %w", args[2], err)
	case "issue comment", "label create":
		return nil
	case "workflow run":
		return w.write(args[2]+" "+option(args, "--ref"), "dispatched")
	}
	return unknown("gh", args)
}
