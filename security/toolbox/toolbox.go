// Package toolbox installs the pinned tools of the gates and proves, before each
// use, that a tool is the pinned version, and still what was installed.
package toolbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"example.com/rates/security/scanner"
)

// Box holds tools. Each folder of Pins pins one tool and is named like its
// program. It holds a Go module with one tool line, or a requirements.in for the
// tool with the requirements.txt, with hashes, that pip-compile made from it, or
// a host.txt for a program that the user installs, or a zap.txt for ZAP.
type Box struct {
	Pins    string // folder with a folder for each tool
	Cache   string // installed tools, kept between runs and shared by checkouts
	Records string // what was installed, kept apart from the tools
}

// New returns the box of the user. Tools are kept in RATES_TOOLS, by default in
// rates/tools of the user's cache folder; the records of what was installed in
// RATES_TOOL_RECORDS, by default in rates/tools of the user's configuration.
func New(pins string) (Box, error) {
	cache, err := folder("RATES_TOOLS", os.UserCacheDir)
	if err != nil {
		return Box{}, err
	}
	records, err := folder("RATES_TOOL_RECORDS", os.UserConfigDir)
	if err != nil {
		return Box{}, err
	}
	pins, err = filepath.Abs(pins)
	return Box{Pins: pins, Cache: cache, Records: records}, err
}

// folder returns the folder that a variable names, or rates/tools in a folder of the
// user.
func folder(variable string, user func() (string, error)) (string, error) {
	if dir := os.Getenv(variable); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := user()
	if err != nil {
		return "", fmt.Errorf("find a folder for tools; set %s to one: %w", variable, err)
	}
	return filepath.Join(dir, "rates", "tools"), nil
}

// Pin is the only version of a tool that may be used.
type Pin struct {
	Tool    string
	Version string // "v1.2.3" of a Go module, "1.2.3" of a Python package
	digest  string // of the files that pin it and its dependencies
	install installer
}

// installer is a way to install a tool.
type installer interface {
	// into installs the tool so that its program is dir/bin/NAME.
	into(ctx context.Context, dir string) error
	// version reads the version from the installed program itself.
	version(ctx context.Context, dir string) (string, error)
	// outside lists what else is part of the tool: files and folders that it uses,
	// beyond those in dir.
	outside(ctx context.Context, dir string) ([]string, error)
}

// Names returns the names of all tools, sorted.
func (b Box) Names() ([]string, error) {
	entries, err := os.ReadDir(b.Pins)
	if err != nil {
		return nil, fmt.Errorf("list the tools: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && b.pins(entry.Name()) != "" {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// The files that pin a tool.
const (
	goMod        = "go.mod"
	goSum        = "go.sum"
	requirements = "requirements.txt"
)

// pins returns the name of the file that pins a tool, or "".
func (b Box) pins(name string) string {
	for _, file := range []string{goMod, requirements, host, zapPin} {
		if _, err := os.Stat(filepath.Join(b.Pins, name, file)); err == nil {
			return file
		}
	}
	return ""
}

// Pin reads the pin of a tool.
func (b Box) Pin(name string) (Pin, error) {
	dir := filepath.Join(b.Pins, name)
	switch b.pins(name) {
	case goMod:
		return pinGo(name, dir)
	case requirements:
		return pinPython(name, dir)
	case host:
		return pinHost(name, dir)
	case zapPin:
		return pinZAP(name, dir)
	default:
		return Pin{}, fmt.Errorf("%s has no pin: %s has none of %s, %s, %s and %s", name, dir, goMod, requirements, host, zapPin)
	}
}

// Dir is the folder of an installed tool. Each pin has its own.
func (b Box) Dir(p Pin) string {
	return filepath.Join(b.Cache, p.Tool+"-"+p.Version+"-"+p.digest)
}

// recordOf is the file with the record of what was installed in a folder.
func (b Box) recordOf(p Pin) string {
	at := sha256.Sum256([]byte(b.Dir(p)))
	return filepath.Join(b.Records, filepath.Base(b.Dir(p))+"-"+shortened(at[:])+".json")
}

// Find returns an installed tool. The error is a *scanner.Error: the tool is
// missing, is not the pinned version, or is not what was installed.
func (b Box) Find(ctx context.Context, name string) (scanner.Tool, error) {
	pin, err := b.Pin(name)
	if err != nil {
		return scanner.Tool{}, scanner.Errorf(scanner.ToolMissing, "%w", err)
	}
	installed, err := readRecord(b.recordOf(pin))
	if errors.Is(err, fs.ErrNotExist) {
		return scanner.Tool{}, scanner.Errorf(scanner.ToolMissing, "%s %s is not installed; run: make tools", name, pin.Version)
	}
	if err != nil {
		return scanner.Tool{}, scanner.Errorf(scanner.ToolChanged, "it is not known what was installed: %w; run: make tools", err)
	}
	dir := b.Dir(pin)
	now, err := take(dir, installed.Outside)
	if errors.Is(err, fs.ErrNotExist) {
		return scanner.Tool{}, scanner.Errorf(scanner.ToolMissing, "%s is not there; run: make tools", dir)
	}
	if err != nil {
		return scanner.Tool{}, scanner.Errorf(scanner.ToolChanged, "%w; run: make tools", err)
	}
	if changes := installed.changes(now); len(changes) > 0 {
		return scanner.Tool{}, scanner.Errorf(scanner.ToolChanged, "%s %s is not what was installed in %s: %s; install it again with: make tools",
			name, pin.Version, dir, some(changes))
	}
	return b.check(ctx, pin, dir)
}

// some joins the first of many.
func some(words []string) string {
	const most = 3
	if more := len(words) - most; more > 0 {
		return fmt.Sprintf("%s, and %d more", strings.Join(words[:most], ", "), more)
	}
	return strings.Join(words, ", ")
}

func (b Box) check(ctx context.Context, pin Pin, dir string) (scanner.Tool, error) {
	program := filepath.Join(dir, "bin", pin.Tool)
	if _, err := os.Stat(program); err != nil {
		return scanner.Tool{}, scanner.Errorf(scanner.ToolMissing, "%s has no program; run: make tools", dir)
	}
	version, err := pin.install.version(ctx, dir)
	if err != nil {
		return scanner.Tool{}, scanner.Errorf(scanner.WrongVersion, "%s does not report its version: %w", program, err)
	}
	if version != pin.Version {
		return scanner.Tool{}, scanner.Errorf(scanner.WrongVersion, "%s is %s, not the pinned %s; remove that folder and run: make tools",
			program, version, pin.Version)
	}
	return scanner.Tool{Name: pin.Tool, Path: program, Version: version}, nil
}

// read reads a file of a pin.
func read(dir, name string) ([]byte, error) { return fs.ReadFile(os.DirFS(dir), name) }

// lines reads the lines of a file of a pin, without comments and empty ones.
func lines(dir, name string) ([]string, error) {
	content, err := read(dir, name)
	return slices.DeleteFunc(strings.Split(string(content), "\n"), func(line string) bool {
		return strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#")
	}), err
}

// layout is how tools are installed. It changes with that, so that a tool of an older
// checkout is not taken for one of this.
const layout = 3

// digest is that of the files in dir, of the layout and of the kind of machine.
func digest(dir string, files ...string) (string, error) {
	sum := sha256.New()
	for _, name := range files {
		content, err := read(dir, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(content), content)
	}
	fmt.Fprint(sum, layout, runtime.GOOS, runtime.GOARCH)
	return shortened(sum.Sum(nil)), nil
}

// shortened returns as much of a checksum as the name of a folder needs.
func shortened(sum []byte) string {
	const enough = 6
	return hex.EncodeToString(sum[:enough])
}

// without returns environ except some variables.
func without(environ []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(names, name)
	})
}
