package govulncheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/planted"
)

// ask asks the database about known vulnerabilities, through the tool, and reads all
// of a copy. It returns how many advisories a copy has.
func ask(ctx context.Context, s *scanner.Scan) (advisories map[string]int, err error) {
	if dir, ok := strings.CutPrefix(s.Job.Databases.Go, "file://"); ok {
		n, err := readCopy(os.DirFS(dir))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, scanner.Errorf(scanner.DatabaseMissing, "%s is not a whole Go vulnerability database: %w; set GOVULNDB to the URL of one", s.Job.Databases.Go, err)
		}
		if err != nil {
			return nil, scanner.Errorf(scanner.DatabaseIncomplete, "the Go vulnerability database in %s is not whole: %w", dir, err)
		}
		advisories = map[string]int{"go": n}
	}
	args := flags(s, "query")
	for _, v := range planted.In("go") {
		if word := v.Package + "@" + v.Version; !slices.Contains(args, word) {
			args = append(args, word)
		}
	}
	out, err := output(ctx, s, scanner.Command{Args: args})
	if err != nil {
		return nil, err
	}
	r, err := messages(out)
	if err != nil {
		return nil, err
	}
	if mode := r.config.ScanMode; mode != "query" {
		return nil, scanner.Errorf(scanner.BadOutput, "govulncheck answers a query with a %q", mode)
	}
	for _, v := range planted.In("go") {
		if r.osvs[v.Go].ID == "" {
			return nil, scanner.Errorf(scanner.DatabaseIncomplete, "the Go vulnerability database at %q does not know %s in %s %s, which every whole one knows",
				r.config.DB, v.Go, v.Package, v.Version)
		}
	}
	return advisories, nil
}

// readCopy reads a whole database and returns how many advisories it has. Its index
// must list exactly what is there, and be as old as the newest entry.
func readCopy(in fs.FS) (int, error) {
	var about struct{ Modified time.Time }
	var modules []struct {
		Path  string
		Vulns []struct {
			ID       string
			Modified time.Time
		}
	}
	if err := errors.Join(readJSON(in, "index/db.json", &about), readJSON(in, "index/modules.json", &modules)); err != nil {
		return 0, err
	}
	var newest time.Time
	listed := map[string][]string{} // modules by the id of an advisory on them
	for _, module := range modules {
		for _, v := range module.Vulns {
			listed[v.ID] = append(listed[v.ID], module.Path)
			if v.Modified.After(newest) {
				newest = v.Modified
			}
		}
	}
	const slack = 24 * time.Hour // the date is that of the newest entry
	if about.Modified.Sub(newest) > slack {
		return 0, fmt.Errorf("it calls itself of %s, and its newest entry is of %s", about.Modified.Format(time.DateOnly), newest.Format(time.DateOnly))
	}
	files, err := fs.Glob(in, "ID/*.json")
	if err != nil {
		return 0, err
	}
	if len(files) != len(listed) {
		return 0, fmt.Errorf("its index lists %d advisories, and it has %d", len(listed), len(files))
	}
	for id, modules := range listed {
		if err := readAdvisory(in, id, modules); err != nil {
			return 0, err
		}
	}
	return len(listed), nil
}

// readAdvisory reads an advisory, which must be on exactly these modules.
func readAdvisory(in fs.FS, id string, modules []string) error {
	var entry struct {
		ID       string
		Affected []struct {
			Package struct{ Name string }
			Ranges  []struct{ Events []struct{} }
		}
	}
	name := "ID/" + id + ".json"
	if err := readJSON(in, name, &entry); err != nil {
		return err
	}
	if entry.ID != id {
		return fmt.Errorf("%s is about %q", name, entry.ID)
	}
	var affected []string
	for _, a := range entry.Affected {
		if len(a.Ranges) == 0 || len(a.Ranges[0].Events) == 0 {
			return fmt.Errorf("%s does not say which versions of %s it is about", name, a.Package.Name)
		}
		affected = append(affected, a.Package.Name)
	}
	slices.Sort(affected)
	slices.Sort(modules)
	if !slices.Equal(slices.Compact(affected), slices.Compact(modules)) {
		return fmt.Errorf("%s is about %q, and the index lists it for %q", name, affected, modules)
	}
	return nil
}

func readJSON(in fs.FS, name string, into any) error {
	content, err := fs.ReadFile(in, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}
