package gitleaks

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/password"
	"example.com/rates/security/plaintext"
)

// origin is where a text comes from.
type origin struct {
	path   string // of the file; "" for a message
	member string // the file in an archive, "" for the file itself
	commit string // "" in the tree
	tag    bool   // commit is a tag
	blob   string // of the history, "" for a message
}

// hit is a secret in a text.
type hit struct {
	origin
	rule       string
	start, end int    // lines
	text       string // of the lines, which no report shows
}

// corpus is texts that are examined, each in a file of its own, whose name tells
// gitleaks no more than it must know. So no pattern of its own for names makes it
// leave a file out.
type corpus struct {
	dir      string // that has the files
	origins  map[string]origin
	hits     []hit // passwords
	unopened []unopened
	known    *windows
	all      bool // also what is known already
}

// unopened is a file that is not text, and why it could not be opened.
type unopened struct {
	origin
	reason string
}

func newCorpus(dir string, known *windows, all bool) (*corpus, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("prepare gitleaks: %w", err)
	}
	return &corpus{dir: dir, origins: map[string]origin{}, known: known, all: all}, nil
}

// telling are the ends of names that rules of gitleaks ask for.
var telling = []string{".php", ".tf", ".hcl", ".yml", ".yaml", "nuget.config", ".p12", ".pfx"}

// end returns the part of a name that gitleaks must know.
func end(name string) string {
	lower := strings.ToLower(path.Base(name))
	if i := slices.IndexFunc(telling, func(end string) bool { return strings.HasSuffix(lower, end) }); i >= 0 {
		return "-" + telling[i]
	}
	return ".txt"
}

// kind is all of a name that decides about the secrets in a file: of two files of
// one kind, the same content has the same.
type kind struct {
	end       string
	password  any
	checksums bool
}

func kindOf(name string) kind { return kind{end(name), password.Kind(name), isLock(name)} }

// checksum matches checksums of the files that lock dependencies. To gitleaks each
// looks like a secret.
var checksum = regexp.MustCompile(`\bh1:[A-Za-z0-9+/]{43}=|\bsha(?:1|256|384|512)[-:](?:[0-9a-f]{40,128}\b|[A-Za-z0-9+/]{27,86}={0,2})|"hash": ?"[0-9a-f]{64}"`)

// isLock reports whether a file locks dependencies by their checksums.
func isLock(name string) bool {
	base := path.Base(name)
	return strings.HasSuffix(base, ".sum") || strings.HasSuffix(base, ".lock") || strings.HasSuffix(base, ".lock.hcl") ||
		slices.Contains([]string{"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "requirements.txt"}, base)
}

// add adds a content, and returns its texts.
func (c *corpus) add(from origin, content []byte) ([]plaintext.Text, error) {
	texts, failed := plaintext.Of(content)
	for _, reason := range failed {
		c.unopened = append(c.unopened, unopened{from, reason})
	}
	for i, text := range texts {
		name := path.Join(from.path, text.Member)
		if isLock(name) {
			texts[i].Content = checksum.ReplaceAll(text.Content, nil)
		}
		from.member = text.Member
		if err := c.write(from, name, texts[i].Content); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

func (c *corpus) write(from origin, name string, text []byte) error {
	fresh := c.known.fresh(name, text)
	if c.all {
		fresh = text
	}
	if len(bytes.TrimSpace(fresh)) == 0 {
		return nil
	}
	for _, m := range password.Find(name, fresh) {
		c.hits = append(c.hits, hit{from, m.Rule, m.Line, m.Line, lines(fresh, m.Line, m.Line)})
	}
	file := fmt.Sprintf("%06d%s", len(c.origins), end(name))
	c.origins[file] = from
	if err := os.WriteFile(filepath.Join(c.dir, file), fresh, 0o600); err != nil { // #nosec G703 -- a number and an ending, in a folder of its own
		return fmt.Errorf("prepare gitleaks: %w", err)
	}
	return nil
}

// found returns the passwords and the secrets that gitleaks found.
func (c *corpus) found(leaks []leak) ([]hit, error) {
	hits, leaks := slices.Clone(c.hits), slices.Clone(leaks)
	slices.SortFunc(leaks, func(a, b leak) int { return strings.Compare(a.File, b.File) }) // gitleaks lists them in any order
	for _, l := range leaks {
		from, ok := c.origins[l.File]
		if !ok {
			return nil, fmt.Errorf("gitleaks reports a secret in %s, which it was not given", l.File)
		}
		text, err := os.ReadFile(filepath.Join(c.dir, l.File))
		if err != nil {
			return nil, fmt.Errorf("read what gitleaks examined: %w", err)
		}
		if h := (hit{from, l.RuleID, l.StartLine, l.EndLine, lines(text, l.StartLine, l.EndLine)}); !h.listed() {
			hits = append(hits, h)
		}
	}
	return hits, nil
}

// listed reports whether gitleaks took two elements of a list, in lines of their
// own, for a name and its value.
func (h hit) listed() bool {
	first, _, more := strings.Cut(h.text, "\n")
	return h.rule == "generic-api-key" && more && strings.HasSuffix(strings.TrimSpace(first), `",`)
}

// lines returns the lines of a text from first to last, without the space around
// them. It returns "" for line 0, which is the whole file.
func lines(text []byte, first, last int) string {
	if first == 0 {
		return ""
	}
	all := bytes.Split(text, []byte("\n"))
	first, last = min(first, len(all)), min(last, len(all))
	return string(bytes.TrimSpace(bytes.Join(all[first-1:max(first, last)], []byte("\n"))))
}
