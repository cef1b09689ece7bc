package features_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/rates/security/gate"
	"example.com/rates/security/report"
)

// report reads the report of the run.
func (w *world) report() (gate.Report, error) {
	file, err := os.Open(filepath.Join(w.path(reportsDir), "report.json"))
	if err != nil {
		return gate.Report{}, fmt.Errorf("%w; it wrote:\n%s", err, w.run.stderr)
	}
	defer file.Close()
	return report.ReadJSON(file)
}

// unseenComesFirst checks that the skipped gates are named before the table of gates.
func (w *world) unseenComesFirst() error {
	_, after, ok := strings.Cut(w.run.stdout, "Not seen (")
	section, _, table := strings.Cut(after, "\ngate ")
	if !ok || !table || !strings.Contains(section, " was skipped: ") {
		return fmt.Errorf("it wrote:\n%s", w.run.stdout)
	}
	return nil
}

// said reports whether a part of the verdict contains the words, in the report
// and on the terminal.
func (w *world) said(words string, in func(gate.Verdict) []string) error {
	r, err := w.report()
	if err != nil {
		return err
	}
	if !strings.Contains(strings.Join(in(r.Verdict), "\n"), words) {
		return fmt.Errorf("the verdict is %+v", r.Verdict)
	}
	if out := strings.Join(strings.Fields(w.run.stdout), " "); !strings.Contains(out, words) {
		return fmt.Errorf("the report has it, but the terminal shows only:\n%s", out)
	}
	return nil
}

// outputs returns the content of each report by its name, and the output on
// the terminal.
func (w *world) outputs() (map[string]string, error) {
	all := map[string]string{}
	err := filepath.WalkDir(w.path(reportsDir), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all[entry.Name()] = string(content)
		return err
	})
	if err == nil && len(all) == 0 {
		err = errors.New("there is no report")
	}
	all["the terminal"] = w.run.stdout + w.run.stderr
	return all, err
}

func (w *world) theKeyIsNowhere() error {
	all, err := w.outputs()
	if err != nil {
		return err
	}
	for name, content := range all {
		if strings.Contains(content, w.project.key) {
			return fmt.Errorf("%s shows it", name)
		}
	}
	return nil
}

func (w *world) everyReportNames(words string) error {
	all, err := w.outputs()
	if err != nil {
		return err
	}
	for name, content := range all {
		if !strings.Contains(content, words) {
			return fmt.Errorf("%s does not:\n%s", name, content)
		}
	}
	return nil
}
