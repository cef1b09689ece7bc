package gitleaks

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/git"
	"example.com/rates/security/plaintext"
	"example.com/rates/security/scanner"
)

// origins finds out where secrets of the tree come from.
type origins struct {
	wanted []hit
	found  []hit
}

// look looks for the secrets in a text of the history that was in these places.
func (o *origins) look(places []git.File, text plaintext.Text) {
	for _, f := range places {
		o.wanted = slices.DeleteFunc(slices.Clone(o.wanted), func(h hit) bool {
			at := bytes.Index(text.Content, []byte(h.text))
			if h.path != f.Path || h.member != text.Member || h.text == "" || at < 0 {
				return false
			}
			line := bytes.Count(text.Content[:at], []byte("\n")) + 1
			o.found = append(o.found, hit{
				origin: origin{path: f.Path, member: h.member, commit: f.Commit}, rule: h.rule, start: line, end: line + h.end - h.start, text: h.text,
			})
			return true
		})
	}
}

// distinct returns the first hit of each secret in a file: later versions have it
// too.
func distinct(hits []hit) []hit {
	type secret struct{ rule, text, path, member string }
	seen := map[secret]bool{}
	return slices.DeleteFunc(slices.Clone(hits), func(h hit) bool {
		s := secret{h.rule, h.text, h.path, h.member}
		was := seen[s]
		seen[s] = true
		return was
	})
}

// helps says what to do about a secret, in the tree and in the history.
const (
	helpHere   = "Revoke it where it was issued: everyone with a copy of the repository has it. Then remove it from the file."
	helpBefore = "Revoke it where it was issued: everyone with a copy of the repository has it. Removing the file is not enough, because the history keeps it."
)

// findings returns a finding for each secret.
func findings(hits []hit) []finding.Finding {
	hits = slices.Clone(hits)
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.commit, b.commit), cmp.Compare(a.start, b.start), cmp.Compare(a.rule, b.rule), cmp.Compare(a.end, b.end))
	})
	var found []finding.Finding
	for _, h := range hits {
		f := finding.Finding{Rule: h.rule, Severity: severity(h.rule), File: h.path, Resource: h.resource(), Secret: true}
		switch {
		case h.commit == "" && h.member == "":
			f.Line, f.EndLine = h.start, h.end
			f.Message, f.Help = fmt.Sprintf("This looks like a secret (%s).", h.rule), helpHere
		case h.commit == "":
			f.Message, f.Help = fmt.Sprintf("%s in this file has what looks like a secret (%s).", h.member, h.rule), helpHere
		default:
			f.Message, f.Help = fmt.Sprintf("%s what looks like a secret (%s), in line %d%s.", h.added(), h.rule, h.start, h.in()), helpBefore
		}
		found = append(found, f)
	}
	return found
}

// resource names the commit or tag.
func (o origin) resource() string {
	switch {
	case o.commit == "":
		return ""
	case o.tag:
		return "tag " + o.commit
	default:
		return "commit " + o.commit
	}
}

// added says what brought a text into the history.
func (o origin) added() string {
	const short = 12
	switch {
	case o.tag:
		return fmt.Sprintf("The tag %.*s has", short, o.commit)
	case o.path == "":
		return fmt.Sprintf("The message or a name of commit %.*s has", short, o.commit)
	default:
		return fmt.Sprintf("Commit %.*s added", short, o.commit)
	}
}

func (o origin) in() string {
	if o.member == "" {
		return ""
	}
	return " of " + o.member
}

// closed returns a finding for each file that could not be opened.
func closed(files []unopened) []finding.Finding {
	var found []finding.Finding
	for _, u := range files {
		f := scanner.Unexamined(u.path, fmt.Sprintf("A part of this file could not be opened: %s.", u.reason), "Keep its contents in the repository as they are.")
		if u.commit != "" {
			f.Resource = u.resource()
			f.Help = "Open it by hand. If it has no secret, write a waiver into security/waivers.yaml."
		}
		found = append(found, f)
	}
	return found
}

// documents are archives that people open as one file.
var documents = []string{".docx", ".dotx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub"}

// archiveNames are the extensions of archives.
var archiveNames = []string{".7z", ".apk", ".bz2", ".deb", ".gz", ".jar", ".lz4", ".rar", ".rpm", ".tar", ".tbz2", ".tgz", ".txz", ".war", ".whl", ".xz", ".zip", ".zst"}

// archive returns a finding if a file of the tree is an archive. Its secrets are
// looked for, but the other gates read only files.
func archive(name string, content []byte) []finding.Finding {
	ext := strings.ToLower(path.Ext(name))
	if slices.Contains(documents, ext) || !slices.Contains(archiveNames, ext) && !plaintext.IsArchive(content) {
		return nil
	}
	return []finding.Finding{scanner.Unexamined(name, "An archive hides its contents from the gates.", "Keep its files in the repository as they are.")}
}
