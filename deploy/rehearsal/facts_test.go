package rehearsal

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"example.com/rates/internal/testkit"
)

func (w *world) set(t *testing.T, variable, value string) {
	t.Helper()
	w.write(t, "set/"+variable, value, 0o600)
}

// want checks what the stand-ins keep: the labels of open issues, or the last
// dispatch.
func (w *world) want(t *testing.T, what, want string) {
	t.Helper()
	got := place(w.dir).read(what)
	if what == "issues" {
		files, err := os.ReadDir(w.at(what))
		check(t, err)
		var labels []string
		for _, file := range files {
			labels = append(labels, file.Name())
		}
		got = strings.Join(labels, ", ")
	}
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// runs checks that an environment runs the image of a commit, and that it is well.
func (w *world) runs(t *testing.T, environment, commit string) {
	t.Helper()
	p := place(w.dir)
	if got := p.read("registry", p.read(environment, "running"), "commit"); got != commit {
		t.Fatalf("%s runs the image of %q, want that of %q", environment, got, commit)
	}
	if commit == "" {
		return
	}
	var body []byte
	err := testkit.Retry(func() error {
		response, err := http.Get("http://127.0.0.1:" + p.read(environment, "port") + "/healthz")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		body, err = io.ReadAll(response.Body)
		return err
	})
	if err != nil || string(body) != `{"status":"alive"}`+"\n" {
		t.Fatalf("%s says %q, %v", environment, body, err)
	}
}

// image returns the tag of a commit's image, as the registry keeps it.
func image(commit string) string { return plain("ghcr.io/acme/rates:" + commit) }

// signAs changes who signed an image, and returns how to undo that.
func (w *world) signAs(t *testing.T, commit, identity string) (undo func(t *testing.T)) {
	t.Helper()
	p := place(w.dir)
	at := "signatures/" + p.read("registry", "tags", image(commit)) + "."
	good := p.read(at)
	var signed signature
	check(t, json.Unmarshal([]byte(good), &signed))
	signed.Identity = identity
	text, err := json.Marshal(signed)
	check(t, err)
	w.write(t, at, string(text), 0o600)
	return func(t *testing.T) { t.Helper(); w.write(t, at, good, 0o600) }
}

// pushAgain gives a commit's tag to another image, and returns how to undo that.
func (w *world) pushAgain(t *testing.T, commit string) (undo func(t *testing.T)) {
	t.Helper()
	p := place(w.dir)
	good := p.read("registry", "tags", image(commit))
	other, err := p.store([]byte("another program"), commit)
	check(t, err)
	w.write(t, "registry/tags/"+image(commit), other, 0o600)
	return func(t *testing.T) { t.Helper(); w.write(t, "registry/tags/"+image(commit), good, 0o600) }
}

// drift changes an environment by hand, and returns how to undo that.
func (w *world) drift(t *testing.T, environment string) (undo func(t *testing.T)) {
	t.Helper()
	check(t, resize(place(w.dir), environment, "small", "large"))
	return func(t *testing.T) { t.Helper(); check(t, resize(place(w.dir), environment, "large", "small")) }
}
