package image

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// write makes a file for a test.
func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// program copies the program of the test, a Go program.
func program(t *testing.T, file string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o755); err != nil {
		t.Fatal(err)
	}
}

// packed packs the product's own Dockerfile.
func packed(t *testing.T) string {
	t.Helper()
	stage, to := t.TempDir(), filepath.Join(t.TempDir(), "image.tar")
	program(t, filepath.Join(stage, "rates"))
	plan := Plan{
		Dockerfile: "../../Dockerfile", Context: "../..", Tag: "rates:test",
		Stages: map[string]string{"build": stage}, Args: map[string]string{"VERSION": "v1.2.3"},
	}
	if err := Pack(plan, to); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestPackKeepsTheConfiguration(t *testing.T) {
	img, err := open(packed(t))
	if err != nil {
		t.Fatal(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	got := file.Config
	if got.Labels["org.opencontainers.image.version"] != "v1.2.3" || got.Labels["org.opencontainers.image.title"] != "rates" {
		t.Errorf("labels are %v", got.Labels)
	}
	got.Labels = nil
	want := v1.Config{
		User: "65532:65532", ExposedPorts: map[string]struct{}{"3000/tcp": {}},
		Entrypoint: []string{"/rates"}, Cmd: []string{"serve"},
		Healthcheck: &v1.HealthConfig{
			Test: []string{"CMD", "/rates", "health"}, Interval: 10 * time.Second, Timeout: 5 * time.Second,
			StartPeriod: 40 * time.Second, Retries: 3,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestInspect(t *testing.T) {
	from := packed(t)
	folder := filepath.Join(t.TempDir(), "layout")
	img, err := open(from)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := layout.Write(folder, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: img})); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"tar": from, "OCI layout": folder} {
		t.Run(name, func(t *testing.T) {
			got, err := Inspect(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(got.Without, "gcr.io/distroless/static-") {
				t.Errorf("the missing base is %q", got.Without)
			}
			got.Without = ""
			if build := got.Built["rates"]; !strings.HasPrefix(build.Module, "example.com/rates") || !strings.HasPrefix(build.Go, "go1.") || build.Sum == [32]byte{} {
				t.Errorf("the program was built from %+v", build)
			}
			got.Built = nil
			id, err := img.ConfigName()
			if err != nil {
				t.Fatal(err)
			}
			want := Contents{ID: id.String(), Version: "v1.2.3", Layers: 1, Files: 1, Programs: []string{"rates"}, Entrypoint: "rates", Architecture: "amd64"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("contents (-want +got):\n%s", diff)
			}
		})
	}
}

// What this package builds again is built as the Dockerfiles do it.
func TestRecipeIsThatOfTheDockerfiles(t *testing.T) {
	for file, recipe := range map[string][]string{
		"Dockerfile":                    Recipe("./service/cmd/rates", "${VERSION}", "/rates"),
		"deploy/smoke/smoke.Dockerfile": Recipe("./steps.test", "", "/smoke"),
	} {
		content, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		for i, word := range recipe {
			if strings.Contains(word, " ") {
				recipe[i] = `"` + word + `"`
			}
		}
		if want := "RUN CGO_ENABLED=0 go " + strings.Join(recipe, " ") + "\n"; !strings.Contains(string(content), want) {
			t.Errorf("%s has no line %s", file, want)
		}
	}
}

// An image whose layers are not those of its configuration is refused: it may hold
// anything under a name that is trusted.
func TestInspectRefusesOtherLayers(t *testing.T) {
	path := packed(t)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(content, []byte("\x7fELF"))
	if at < 0 {
		t.Fatal("there is no program in the image")
	}
	content[at+100] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if contents, err := Inspect(path); err == nil {
		t.Errorf("it was read as %+v", contents)
	}
}

func TestInspectRefusesAnythingButOneImage(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "text.tar"), "this is no tar")
	if _, err := layout.Write(filepath.Join(dir, "none"), empty.Index); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"text.tar", "none", "absent"} {
		if contents, err := Inspect(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was read as %+v", name, contents)
		}
	}
}

func TestPackRefusesInstructionsThatNeedAnEngine(t *testing.T) {
	for name, dockerfile := range map[string]string{
		"a command":            "FROM scratch\nRUN make",
		"a shell's command":    "FROM scratch\nCMD serve",
		"copied with an owner": "FROM scratch\nCOPY --chown=1:1 a /a",
		"a missing stage":      "FROM scratch\nCOPY --from=build /a /a",
		"a missing file":       "FROM scratch\nCOPY a /a",
		"no base":              "USER 1",
		"an unknown option":    "FROM scratch\nHEALTHCHECK --often CMD [\"/a\"]",
		"an empty instruction": "FROM scratch\nUSER",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "Dockerfile"), dockerfile)
			if err := Pack(Plan{Dockerfile: filepath.Join(dir, "Dockerfile"), Context: dir, Tag: "a:b"}, filepath.Join(dir, "image.tar")); err == nil {
				t.Error("it was packed")
			}
		})
	}
}

func TestOfFolder(t *testing.T) {
	canaries := filepath.Join("..", "canaries", "trivy-image")
	for folder, want := range map[string]Contents{
		"clean": {Layers: 1, Files: 1},
		"empty": {},
	} {
		path, err := OfFolder(t.Context(), filepath.Join(canaries, folder), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		got, err := Inspect(path)
		got.ID, got.Architecture, got.Built = "", "", nil
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v, contents (-want +got):\n%s", folder, err, diff)
		}
	}
	if path, err := OfFolder(t.Context(), filepath.Join(canaries, "no-image"), t.TempDir()); path != "" || err != nil {
		t.Errorf("a folder without an image gave %q, %v", path, err)
	}
	if path, err := OfFolder(t.Context(), filepath.Join(canaries, "unreadable"), t.TempDir()); filepath.Base(path) != "image.tar" || err != nil {
		t.Errorf("a folder with a tar gave %q, %v", path, err)
	}
}
