package seed

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

func dumped(t *testing.T) string {
	t.Helper()
	var text bytes.Buffer
	if err := Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestCommittedFileIsCurrent(t *testing.T) {
	committed, err := os.ReadFile("../rates.sql")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(dumped(t), "\n")
	want := strings.Split(string(committed), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("db/rates.sql differs from the generated dump from line %d on: run go run ./db/generate", i+1)
		}
	}
}

func TestTwoRunsAreEqual(t *testing.T) {
	if first, second := dumped(t), dumped(t); first != second {
		t.Error("two runs in one process differ")
	}
}

func TestFileStaysSmall(t *testing.T) {
	const limit = 1_900_000
	if n := len(dumped(t)); n >= limit {
		t.Errorf("the file has %d bytes, want fewer than %d", n, limit)
	}
}

// A streaming reader checks each row against the rows before it, so regions come
// before ports and ports before prices.
func TestCopyBlocksAreInOrder(t *testing.T) {
	rest := dumped(t)
	for _, mark := range []string{
		"\nCOPY public.regions (slug, name, parent_slug) FROM stdin;\n",
		"\n\\.\n",
		"\nCOPY public.ports (code, name, parent_slug) FROM stdin;\n",
		"\n\\.\n",
		"\nCOPY public.prices (orig_code, dest_code, day, price) FROM stdin;\n",
		"\n\\.\n",
		"\nALTER TABLE ",
	} {
		_, after, found := strings.Cut(rest, mark)
		if !found {
			t.Fatalf("%q is missing or out of order", mark)
		}
		rest = after
	}
}

func TestEscapeKeepsARowOnOneLine(t *testing.T) {
	const in, want = "a\\b\tc\nd\re", `a\\b\tc\nd\re`
	if got := escape(in); got != want {
		t.Errorf("escape(%q) = %q, want %q", in, got, want)
	}
}

type brokenPipe struct{}

var errBrokenPipe = errors.New("broken pipe")

func (brokenPipe) Write([]byte) (int, error) { return 0, errBrokenPipe }

func TestDumpReportsAFailedWrite(t *testing.T) {
	if err := Write(brokenPipe{}); !errors.Is(err, errBrokenPipe) {
		t.Errorf("dump to a broken pipe: %v, want %v", err, errBrokenPipe)
	}
}
