package git

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Object is an object of a repository.
type Object struct {
	ID      string
	Type    string // commit, tree, blob or tag
	Size    int
	Content []byte // nil if only the header was read
}

var objectID = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// ReadIDs reads a list of objects, one on each line. The error says where it is
// cut off.
func ReadIDs(out []byte) ([]string, error) {
	var ids []string
	for line := range strings.Lines(string(out)) {
		id, ended := strings.CutSuffix(line, "\n")
		if !ended || !objectID.MatchString(id) {
			return nil, fmt.Errorf("git listed %d objects, and then %.80q", len(ids), line)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// ReadHeaders reads what git cat-file --batch-check prints about the objects.
// The error says which of them is missing.
func ReadHeaders(out []byte, ids []string) ([]Object, error) {
	var objects []Object
	for _, id := range ids {
		o, rest, err := readHeader(out, id)
		if err != nil {
			return nil, err
		}
		objects, out = append(objects, o), rest
	}
	if len(out) > 0 {
		return nil, fmt.Errorf("git printed %d bytes after the last object", len(out))
	}
	return objects, nil
}

// ReadObjects reads what git cat-file --batch prints about the objects. The
// error says which of them is missing or cut off.
func ReadObjects(out []byte, ids []string) ([]Object, error) {
	var objects []Object
	for _, id := range ids {
		o, rest, err := readHeader(out, id)
		if err != nil {
			return nil, err
		}
		if len(rest) <= o.Size || rest[o.Size] != '\n' {
			return nil, fmt.Errorf("git did not print all %d bytes of object %s", o.Size, id)
		}
		o.Content, out = rest[:o.Size:o.Size], rest[o.Size+1:]
		objects = append(objects, o)
	}
	if len(out) > 0 {
		return nil, fmt.Errorf("git printed %d bytes after the last object", len(out))
	}
	return objects, nil
}

// readHeader reads the line ID TYPE SIZE and returns what follows it.
func readHeader(out []byte, id string) (Object, []byte, error) {
	line, rest, ended := bytes.Cut(out, []byte("\n"))
	words := strings.Fields(string(line))
	if !ended || len(words) != 3 || words[0] != id {
		return Object{}, nil, fmt.Errorf("git did not print object %s", id)
	}
	size, err := strconv.Atoi(words[2])
	if err != nil || size < 0 {
		return Object{}, nil, fmt.Errorf("git printed no size of object %s", id)
	}
	switch words[1] {
	case "commit", "tree", "blob", "tag":
		return Object{ID: id, Type: words[1], Size: size}, rest, nil
	default:
		return Object{}, nil, fmt.Errorf("object %s is of the unknown type %q", id, words[1])
	}
}

// links returns the objects that a commit or a tag names in its header. The
// first of a commit is its tree.
func (o Object) links() []string {
	head, _, _ := strings.Cut(string(o.Content), "\n\n")
	var ids []string
	for line := range strings.Lines(head) {
		key, id, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if key == "tree" || key == "parent" || key == "object" {
			ids = append(ids, id)
		}
	}
	return ids
}

// entry is a file or a folder in a tree.
type entry struct {
	id, name string
	folder   bool
	foreign  bool // a commit of a submodule
}

// entries reads a tree: MODE NAME, a NUL, and the id in binary, for each entry.
func (o Object) entries() ([]entry, error) {
	var all []entry
	for content := o.Content; len(content) > 0; {
		head, rest, ok := bytes.Cut(content, []byte{0})
		mode, name, named := strings.Cut(string(head), " ")
		raw := len(o.ID) / 2
		if !ok || !named || len(rest) < raw {
			return nil, fmt.Errorf("tree %s ends in the middle of an entry", o.ID)
		}
		all = append(all, entry{
			id: fmt.Sprintf("%x", rest[:raw]), name: name, folder: mode == "40000", foreign: mode == "160000",
		})
		content = rest[raw:]
	}
	return all, nil
}
