package git_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/git"
)

func id(n int) string { return fmt.Sprintf("%040x", n) }

// store is objects as git cat-file --batch prints them.
type store struct {
	ids  []string
	text strings.Builder
}

func (s *store) add(n int, kind, content string) {
	s.ids = append(s.ids, id(n))
	fmt.Fprintf(&s.text, "%s %s %d\n%s\n", id(n), kind, len(content), content)
}

// tree returns the content of a tree: MODE NAME and the object, in turn.
func tree(entries ...any) string {
	var b strings.Builder
	for i := 0; i < len(entries); i += 2 {
		n := entries[i+1].(int)
		b.WriteString(entries[i].(string) + "\x00" + strings.Repeat("\x00", 18) + string([]byte{byte(n >> 8), byte(n)}))
	}
	return b.String()
}

// Two commits and a tag: the second commit changes a file, and copies the other.
func history() *store {
	s := &store{}
	s.add(1, "commit", "tree "+id(3)+"\nparent "+id(2)+"\nauthor a\n\nsecond\n\ntree "+id(99))
	s.add(2, "commit", "tree "+id(4)+"\nauthor a\n\nfirst")
	s.add(7, "tag", "object "+id(1)+"\ntype commit\ntag v1\n\nnotes")
	s.add(3, "tree", tree("100644 a", 0x20, "40000 d", 5, "160000 sub", 0x99))
	s.add(4, "tree", tree("100644 a", 0x21, "100644 b", 0x22))
	s.add(5, "tree", tree("100644 b", 0x22, "120000 link", 0x23))
	return s
}

func read(t *testing.T, s *store, blobs ...int) (git.History, error) {
	t.Helper()
	objects, err := git.ReadObjects([]byte(s.text.String()), s.ids)
	if err != nil {
		t.Fatal(err)
	}
	listed := s.ids
	for _, n := range blobs {
		listed = append(listed, id(n))
	}
	return git.ReadHistory(listed, objects)
}

// Each content has every path that it had, with the first commit.
func TestReadHistory(t *testing.T) {
	h, err := read(t, history(), 0x20, 0x21, 0x22, 0x23, 0x24)
	if err != nil {
		t.Fatal(err)
	}
	want := []git.File{
		{ID: id(0x21), Path: "a", Commit: id(2)},
		{ID: id(0x22), Path: "b", Commit: id(2)},
		{ID: id(0x20), Path: "a", Commit: id(1)},
		{ID: id(0x22), Path: "d/b", Commit: id(1)},
		{ID: id(0x23), Path: "d/link", Commit: id(1)},
		{ID: id(0x24)},
	}
	if diff := cmp.Diff(want, h.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if h.Commits != 2 || len(h.Messages) != 3 {
		t.Errorf("%d commits, messages %v", h.Commits, h.Messages)
	}
}

// An object that another one needs must be listed.
func TestReadHistoryRefusesGaps(t *testing.T) {
	if _, err := read(t, history(), 0x20, 0x21, 0x23); err == nil || !strings.Contains(err.Error(), id(0x22)) {
		t.Errorf("without a file: %v", err)
	}
	for _, gone := range []int{2, 4, 5} {
		s := &store{}
		whole := history()
		objects, err := git.ReadObjects([]byte(whole.text.String()), whole.ids)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			if o.ID != id(gone) {
				s.ids = append(s.ids, o.ID)
				fmt.Fprintf(&s.text, "%s %s %d\n%s\n", o.ID, o.Type, o.Size, o.Content)
			}
		}
		if _, err := read(t, s, 0x20, 0x21, 0x22, 0x23); err == nil || !strings.Contains(err.Error(), id(gone)) {
			t.Errorf("without object %d: %v", gone, err)
		}
	}
}

// Output that is cut off anywhere is an error.
func TestCutOff(t *testing.T) {
	s := history()
	for i := range s.text.Len() {
		if _, err := git.ReadObjects([]byte(s.text.String())[:i], s.ids); err == nil {
			t.Errorf("%d of %d bytes are accepted", i, s.text.Len())
		}
	}
	headers := id(1) + " commit 20\n" + id(2) + " blob 30\n"
	for i := range headers {
		if _, err := git.ReadHeaders([]byte(headers[:i]), []string{id(1), id(2)}); err == nil {
			t.Errorf("%q is accepted", headers[:i])
		}
	}
	if _, err := git.ReadHeaders([]byte(headers+"x"), []string{id(1), id(2)}); err == nil {
		t.Error("more than was asked for is accepted")
	}
	if _, err := git.ReadHeaders([]byte(id(1)+" missing\n"), []string{id(1)}); err == nil {
		t.Error("a missing object is accepted")
	}
	if _, err := git.ReadIDs([]byte(id(1) + "\n" + id(2)[:20])); err == nil {
		t.Error("half an id is accepted")
	}
}

func FuzzReadHistory(f *testing.F) {
	f.Add([]byte(history().text.String()))
	f.Fuzz(func(t *testing.T, out []byte) {
		var ids []string
		for line := range strings.Lines(string(out)) {
			if words := strings.Fields(line); len(words) == 3 && len(words[0]) == 40 {
				ids = append(ids, words[0])
			}
		}
		objects, err := git.ReadObjects(out, ids)
		if err != nil {
			return
		}
		h, err := git.ReadHistory(ids, objects)
		if err == nil && h.Commits > len(ids) {
			t.Errorf("%d commits in %d objects", h.Commits, len(ids))
		}
	})
}
