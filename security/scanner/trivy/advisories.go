package trivy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/planted"
)

// advisories is what a database of Trivy holds.
type advisories struct {
	counts map[string]int // by the source: an ecosystem such as go, or a system such as "debian 13"
	lacks  []string       // planted vulnerabilities of an ecosystem that it otherwise knows
	newest time.Time      // last change of an entry, zero if entries do not say
}

// read reads the whole database.
func read(dir string) (a advisories, err error) {
	name := filepath.Join(dir, "db", "trivy.db")
	if _, err := os.Stat(name); err != nil {
		return advisories{}, err
	}
	defer func() {
		if cause := recover(); cause != nil { // the library panics on a damaged file
			err = fmt.Errorf("%s is damaged: %v", name, cause)
		}
	}()
	db, err := bbolt.Open(name, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Minute})
	if err != nil {
		return advisories{}, fmt.Errorf("open %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	a.counts = map[string]int{}
	missing := map[planted.Vulnerability]bool{}
	for _, ecosystem := range ecosystems {
		for _, v := range planted.In(ecosystem.name) {
			missing[v] = true
		}
	}
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, source *bbolt.Bucket) error {
			switch from, _, isLanguage := strings.Cut(string(name), "::"); {
			case isLanguage:
				a.counts[from] += packages(source)
				for v := range missing {
					if v.Ecosystem == from && tells(source, v) {
						delete(missing, v)
					}
				}
			case from == "vulnerability":
				a.newest = newest(source)
			case from != "data-source":
				a.counts[from] += packages(source)
			}
			return nil
		})
	})
	for v := range missing {
		if a.counts[v.Ecosystem] > 0 {
			a.lacks = append(a.lacks, v.CVE)
		}
	}
	return a, err
}

// packages counts the advisories of all packages of a source.
func packages(source *bbolt.Bucket) int {
	n := 0
	_ = source.ForEachBucket(func(name []byte) error { // the function never fails
		return source.Bucket(name).ForEach(func(_, advisory []byte) error {
			if len(advisory) > len("{}") {
				n++
			}
			return nil
		})
	})
	return n
}

// tells reports whether a source has an advisory on the vulnerability that says which
// versions it is in.
func tells(source *bbolt.Bucket, v planted.Vulnerability) bool {
	of := source.Bucket([]byte(v.Package))
	if of == nil {
		return false
	}
	var advisory struct{ PatchedVersions, VulnerableVersions []string }
	return json.Unmarshal(of.Get([]byte(v.CVE)), &advisory) == nil && len(advisory.PatchedVersions)+len(advisory.VulnerableVersions) > 0
}

// newest returns the last change of an entry.
func newest(vulnerabilities *bbolt.Bucket) time.Time {
	var last time.Time
	_ = vulnerabilities.ForEach(func(_, entry []byte) error { // the function never fails
		const key = `"LastModifiedDate":"`
		if _, from, ok := bytes.Cut(entry, []byte(key)); ok {
			text, _, _ := bytes.Cut(from, []byte(`"`))
			if at, err := time.Parse(time.RFC3339, string(text)); err == nil && at.After(last) {
				last = at
			}
		}
		return nil
	})
	return last
}

// believed returns the content of the database in a cache folder, if it can be the one
// that its metadata describe.
func believed(dir string, date time.Time) (advisories, error) {
	a, err := read(dir)
	if err != nil {
		return advisories{}, scanner.Errorf(scanner.DatabaseMissing, "%w", err)
	}
	if len(a.counts) == 0 {
		return advisories{}, scanner.Errorf(scanner.DatabaseIncomplete, "the database of trivy in %s is empty", dir)
	}
	if len(a.lacks) > 0 {
		return advisories{}, scanner.Errorf(scanner.DatabaseIncomplete, "the database of trivy in %s does not know %s, which every whole one knows", dir, strings.Join(a.lacks, ", "))
	}
	// Some entry changes every day, and the date is that of the whole.
	const slack = 7 * 24 * time.Hour
	if !a.newest.IsZero() && date.Sub(a.newest) > slack {
		return advisories{}, scanner.Errorf(scanner.DatabaseIncomplete, "the database of trivy in %s calls itself of %s, and its newest entry is of %s",
			dir, date.Format(time.DateOnly), a.newest.Format(time.DateOnly))
	}
	return a, nil
}
