package scanner

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
)

// trivyCache is a cache folder of Trivy with a vulnerability database.
type trivyCache struct {
	Dir      string
	Offline  bool // it is a copy for a closed network
	Database Database
	Commands []string // that were run to have it
}

// trivyDatabase returns the database that the job names, or the live one,
// brought up to date.
func trivyDatabase(ctx context.Context, job Job, tool Tool) (trivyCache, error) {
	if dir := job.Databases.Trivy; dir != "" {
		date, err := trivyDate(dir)
		if err != nil {
			return trivyCache{}, Errorf(DatabaseMissing, "%w; TRIVY_CACHE_DIR must name a folder that holds db/trivy.db and db/metadata.json", err)
		}
		return trivyCache{Dir: dir, Offline: true, Database: Database{Source: "copy", Date: date}}, nil
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return trivyCache{}, Errorf(DatabaseMissing, "find a folder for the database of trivy: %w", err)
	}
	dir := filepath.Join(user, "trivy")
	cmd := Command{
		Path: tool.Path, Dir: job.Scratch,
		Args: []string{"fs", "--download-db-only", "--no-progress", "--skip-version-check", "--disable-telemetry", "--cache-dir", dir},
	}
	// Two gates do not fetch one database at the same time.
	unlock, err := lock.Wait(filepath.Join(dir, "rates-gates.lock"))
	if err != nil {
		return trivyCache{}, err
	}
	defer unlock()
	if _, err := job.Run(ctx, cmd); err != nil {
		if e := AsError(err); e.Kind != ToolFailed {
			return trivyCache{}, err
		}
		return trivyCache{}, Errorf(DatabaseMissing,
			"the live database of trivy cannot be had; on a closed network set TRIVY_CACHE_DIR to a copy: %w", err)
	}
	date, err := trivyDate(dir)
	if err != nil {
		return trivyCache{}, Errorf(DatabaseMissing, "%w", err)
	}
	return trivyCache{
		Dir: dir, Database: Database{Source: "live: mirror.gcr.io/aquasec/trivy-db, ghcr.io/aquasecurity/trivy-db", Date: date},
		Commands: []string{job.typed(cmd)},
	}, nil
}

// trivyDate returns when the database in a cache folder was last changed.
func trivyDate(dir string) (time.Time, error) {
	cache := os.DirFS(dir)
	if info, err := fs.Stat(cache, "db/trivy.db"); err != nil {
		return time.Time{}, err
	} else if info.Size() == 0 {
		return time.Time{}, errors.New("db/trivy.db is empty")
	}
	content, err := fs.ReadFile(cache, "db/metadata.json")
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
