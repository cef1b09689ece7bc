package planted

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

const (
	folder = 0o750
	file   = 0o600
)

// WriteTrivy writes a cache folder of Trivy whose database has only these
// vulnerabilities, to show that it is not believed.
func WriteTrivy(dir string, date time.Time, vulnerabilities []Vulnerability) (err error) {
	at := filepath.Join(dir, "db")
	if err := os.MkdirAll(at, folder); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(at, "metadata.json"), map[string]any{"Version": 2, "UpdatedAt": date}); err != nil { //nolint:mnd // of the schema
		return err
	}
	db, err := bbolt.Open(filepath.Join(at, "trivy.db"), file, &bbolt.Options{NoSync: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Update(func(tx *bbolt.Tx) error {
		about, err := tx.CreateBucketIfNotExists([]byte("vulnerability"))
		if err != nil {
			return err
		}
		for _, v := range vulnerabilities {
			source, err := tx.CreateBucketIfNotExists([]byte(v.Ecosystem + "::written here"))
			if err != nil {
				return err
			}
			of, err := source.CreateBucketIfNotExists([]byte(v.Package))
			if err != nil {
				return err
			}
			changed := []byte(`{"LastModifiedDate":"` + date.UTC().Format(time.RFC3339) + `"}`)
			if err := errors.Join(of.Put([]byte(v.CVE), []byte(`{"VulnerableVersions":[">=0"]}`)), about.Put([]byte(v.CVE), changed)); err != nil {
				return err
			}
		}
		return nil
	})
}

// WriteGo writes a Go vulnerability database that has only these vulnerabilities.
func WriteGo(dir string, date time.Time, vulnerabilities []Vulnerability) error {
	type entry struct {
		ID       string    `json:"id"`
		Modified time.Time `json:"modified"`
	}
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "ID"), folder), os.MkdirAll(filepath.Join(dir, "index"), folder)); err != nil {
		return err
	}
	listed, ids := map[string][]entry{}, []entry{}
	for _, v := range vulnerabilities {
		if v.Go == "" {
			continue
		}
		one := entry{v.Go, date}
		listed[v.Package], ids = append(listed[v.Package], one), append(ids, one)
		affected := map[string]any{
			"package": map[string]string{"name": v.Package, "ecosystem": "Go"},
			"ranges":  []any{map[string]any{"type": "SEMVER", "events": []any{map[string]string{"introduced": "0"}}}},
		}
		if err := writeJSON(filepath.Join(dir, "ID", v.Go+".json"), map[string]any{
			"schema_version": "1.3.1", "id": v.Go, "modified": date, "aliases": []string{v.CVE}, "affected": []any{affected},
		}); err != nil {
			return err
		}
	}
	modules := []any{}
	for path, vulns := range listed {
		modules = append(modules, map[string]any{"path": path, "vulns": vulns})
	}
	index := filepath.Join(dir, "index")
	return errors.Join(
		writeJSON(filepath.Join(index, "db.json"), map[string]time.Time{"modified": date}),
		writeJSON(filepath.Join(index, "modules.json"), modules),
		writeJSON(filepath.Join(index, "vulns.json"), ids),
	)
}

func writeJSON(name string, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(name, content, file)
}
