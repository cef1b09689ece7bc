package trivy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"example.com/rates/security/lock"
	"example.com/rates/security/scanner"
)

// cache is a cache folder of Trivy with a vulnerability database.
type cache struct {
	dir        string
	offline    bool // it is a copy for a closed network
	advisories advisories
}

// database returns the database that the job names, or the live one after an
// update, and notes it.
func database(ctx context.Context, s *scanner.Scan) (cache, error) {
	if dir := s.Job.Databases.Trivy; dir != "" {
		date, err := databaseDate(dir)
		if err != nil {
			return cache{}, scanner.Errorf(scanner.DatabaseMissing, "%w; TRIVY_CACHE_DIR must name a folder that holds db/trivy.db and db/metadata.json", err)
		}
		return asked(s, "copy", cache{dir: dir, offline: true}, date)
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return cache{}, scanner.Errorf(scanner.DatabaseMissing, "find a folder for the database of trivy: %w", err)
	}
	dir := filepath.Join(user, "trivy")
	// Two gates do not download one database at the same time.
	unlock, err := lock.Wait(filepath.Join(dir, "rates-gates.lock"))
	if err != nil {
		return cache{}, err
	}
	defer unlock()
	_, err = s.Run(ctx, scanner.Command{
		Dir:  s.Job.Scratch,
		Args: []string{"fs", "--download-db-only", "--no-progress", "--skip-version-check", "--disable-telemetry", "--cache-dir", dir},
	})
	if err != nil {
		if e := scanner.AsError(err); e.Kind != scanner.ToolFailed {
			return cache{}, err
		}
		return cache{}, scanner.Errorf(scanner.DatabaseMissing,
			"the live database of trivy is not available; on a closed network set TRIVY_CACHE_DIR to a copy: %w", err)
	}
	date, err := databaseDate(dir)
	if err != nil {
		return cache{}, scanner.Errorf(scanner.DatabaseMissing, "%w", err)
	}
	return asked(s, "live: mirror.gcr.io/aquasec/trivy-db, ghcr.io/aquasecurity/trivy-db", cache{dir: dir}, date)
}

// asked notes a database, if it can be believed.
func asked(s *scanner.Scan, source string, in cache, date time.Time) (cache, error) {
	var err error
	if in.advisories, err = believed(in.dir, date); err != nil {
		return cache{}, err
	}
	if in.advisories.newest.IsZero() {
		s.Unseen("the entries of the database do not say when they changed, so only its metadata give its age")
	}
	s.Outcome.Database = &scanner.Database{Source: source, Date: date, Advisories: in.advisories.counts}
	return in, nil
}

// databaseDate returns when the database in a cache folder was last changed.
func databaseDate(dir string) (time.Time, error) {
	in := os.DirFS(dir)
	if info, err := fs.Stat(in, "db/trivy.db"); err != nil {
		return time.Time{}, err
	} else if info.Size() == 0 {
		return time.Time{}, errors.New("db/trivy.db is empty")
	}
	content, err := fs.ReadFile(in, "db/metadata.json")
	if err != nil {
		return time.Time{}, err
	}
	var metadata struct{ UpdatedAt time.Time }
	if err := json.Unmarshal(content, &metadata); err != nil {
		return time.Time{}, fmt.Errorf("read db/metadata.json: %w", err)
	}
	if metadata.UpdatedAt.IsZero() {
		return time.Time{}, errors.New("db/metadata.json does not say when the database was changed")
	}
	return metadata.UpdatedAt, nil
}
