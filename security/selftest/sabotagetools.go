package selftest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
	"example.com/rates/security/toolbox"
)

// box returns a box of its own below the folder of the trial.
func (t *trial) box(name string) toolbox.Box {
	return toolbox.Box{Pins: t.cfg.Box.Pins, Cache: filepath.Join(t.dir, name), Records: filepath.Join(t.dir, name+"-records")}
}

func (t *trial) toolMissing(ctx context.Context, defect ran) Case {
	box := t.box("no-tools")
	return t.eachTool(ctx, toolMissing, defect, scanner.ToolMissing, func(string) ([]toolFinder, error) { return []toolFinder{box.Find}, nil })
}

// wrongVersion replaces each tool by another program.
func (t *trial) wrongVersion(ctx context.Context, defect ran) Case {
	return t.eachTool(ctx, wrongVersion, defect, scanner.WrongVersion, func(name string) ([]toolFinder, error) {
		box := t.box("other-" + name)
		pin, err := box.Pin(name)
		if err != nil {
			return nil, err
		}
		return []toolFinder{box.Find}, errors.Join(impostor(box.Dir(pin), name), box.Record(ctx, pin))
	})
}

// impostor creates a folder that looks like an installed tool. The program is this
// one, and its Python reports a version that does not exist, and that it uses nothing.
func impostor(dir, name string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bin := filepath.Join(dir, "bin")
	python := []byte("#!/bin/sh\ncase $* in *json*) echo '[]' ;; *) echo 0.0.0 ;; esac\n")
	return errors.Join(
		os.MkdirAll(bin, 0o750),
		os.Symlink(self, filepath.Join(bin, name)),
		os.WriteFile(filepath.Join(bin, "python"), python, 0o700), // #nosec G306 -- it must be a program
	)
}

// eachTool runs the gate with other finders for each of its tools, one at a time.
func (t *trial) eachTool(ctx context.Context, name string, defect ran, kind scanner.Kind, other func(tool string) ([]toolFinder, error)) Case {
	if len(defect.recording.tools) == 0 {
		return Case{Name: name, Want: "a tool is requested by name", Got: "the gate uses a program that is not pinned"}
	}
	var cases []Case
	for _, tool := range defect.recording.tools {
		finders, err := other(tool)
		if err != nil {
			return broken(name, err)
		}
		for _, find := range finders {
			play := &player{recording: defect.recording, damage: defect.recording.whole}
			result := t.run(ctx, defect.subject, func(cfg *gate.Config) {
				cfg.Job.Run = play.run
				cfg.Job.Tool = func(ctx context.Context, asked string) (scanner.Tool, error) {
					if asked == tool {
						return find(ctx, asked)
					}
					return t.cfg.find(ctx, asked)
				}
			})
			cases = append(cases, mustFail(name, result, kind))
		}
	}
	return all(cases...)
}

// toolChanged changes a copy of each tool after it was recorded, in several ways.
// Before that, the copy must be found.
func (t *trial) toolChanged(ctx context.Context, defect ran) Case {
	for _, tool := range defect.recording.tools {
		if _, err := t.cfg.Box.Find(ctx, tool); t.mayLack(err) {
			return Case{Name: toolChanged, OK: true, NotRun: err.Error()}
		}
	}
	return t.eachTool(ctx, toolChanged, defect, scanner.ToolChanged, func(name string) ([]toolFinder, error) {
		box := t.box("changed-" + name)
		pin, err := box.Pin(name)
		if err != nil {
			return nil, err
		}
		dir := box.Dir(pin)
		if err := errors.Join(linked(t.cfg.Box.Dir(pin), dir), box.Record(ctx, pin)); err != nil {
			return nil, err
		}
		if _, err := box.Find(ctx, name); err != nil {
			return nil, err
		}
		var finders []toolFinder
		for _, file := range changeable(dir, name) {
			finders = append(finders, func(ctx context.Context, name string) (scanner.Tool, error) {
				undo, err := replace(file, dir+"-aside")
				if err != nil {
					return scanner.Tool{}, err
				}
				tool, err := box.Find(ctx, name)
				return tool, errors.Join(err, undo())
			})
		}
		return finders, nil
	})
}

// changeable lists files whose change changes what a tool does: its program, one that
// its program would find first, and, of a Python environment, a module and a file that
// every start obeys.
func changeable(dir, name string) []string {
	files := []string{filepath.Join(dir, "bin", name), filepath.Join(dir, "bin", "sh")}
	for _, packages := range glob(dir, "lib", "python*", "site-packages") {
		files = append(files, filepath.Join(packages, "pip", "__init__.py"), filepath.Join(packages, "first.pth"))
	}
	return files
}

func glob(pattern ...string) []string {
	found, _ := filepath.Glob(filepath.Join(pattern...)) // the pattern is well-formed
	return found
}

// replace moves a file, if there is one, and writes a program in its place.
func replace(file, aside string) (undo func() error, err error) {
	const program = 0o700
	undo = func() error { return os.Rename(aside, file) }
	if err := os.Rename(file, aside); errors.Is(err, fs.ErrNotExist) {
		undo = func() error { return os.Remove(file) }
	} else if err != nil {
		return nil, err
	}
	return undo, os.WriteFile(file, []byte("#!/bin/sh\nexit 0\n"), program) // #nosec G306 -- it must be a program
}

// linked makes a folder with the files of another: hard links, or copies where the
// file system is another.
func linked(from, to string) error {
	return filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, below)
		switch {
		case entry.IsDir():
			return os.MkdirAll(target, 0o750)
		case entry.Type()&fs.ModeSymlink != 0:
			leads, err := os.Readlink(name)
			if err != nil {
				return err
			}
			return os.Symlink(leads, target) // #nosec G122 -- both folders are of the self-test alone
		}
		if os.Link(name, target) == nil { // #nosec G122 -- as above
			return nil
		}
		content, err := os.ReadFile(name) // #nosec G304 G122 -- a part of an installed tool
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, info.Mode().Perm()) // #nosec G703 -- as above
	})
}
