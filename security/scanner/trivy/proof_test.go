package trivy

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/security/image"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

// put writes a file and returns its path.
func put(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The digest that the pipeline hands over leads to the manifest, and that to the image.
func TestHandedOver(t *testing.T) {
	const manifest = `{"config":{"digest":"sha256:aa"}}`
	file := put(t, filepath.Join(t.TempDir(), "manifest.json"), manifest)
	sum := sha256.Sum256([]byte(manifest))
	digest := "sha256:" + hex.EncodeToString(sum[:])
	index := `{"manifests":[]}`
	other := put(t, filepath.Join(t.TempDir(), "manifest.json"), index)
	indexSum := sha256.Sum256([]byte(index))
	for name, test := range map[string]struct {
		digest, manifest, id string
		kind                 scanner.Kind
	}{
		"nothing":               {"", "", "sha256:aa", scanner.InputUnavailable},
		"no manifest":           {digest, "", "sha256:aa", scanner.InputUnavailable},
		"a manifest that is no": {digest, filepath.Join(t.TempDir(), "absent"), "sha256:aa", scanner.InputUnavailable},
		"another digest":        {"sha256:bb", file, "sha256:aa", scanner.AnotherImage},
		"another image":         {digest, file, "sha256:bb", scanner.AnotherImage},
		"several images":        {"sha256:" + hex.EncodeToString(indexSum[:]), other, "sha256:aa", scanner.BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			scannertest.WantKind(t, handedOver(scanner.Image{Digest: test.digest, Manifest: test.manifest}, test.id), test.kind)
		})
	}
	if err := handedOver(scanner.Image{Digest: digest, Manifest: file}, "sha256:aa"); err != nil {
		t.Error(err)
	}
}

// An image is proven only if every Go program in it, and the one that it starts, is
// what the tree builds.
func TestProof(t *testing.T) {
	folder, err := filepath.Abs(filepath.Join("..", "..", "canaries", "trivy-image", "built"))
	if err != nil {
		t.Fatal(err)
	}
	tar, err := image.OfFolder(t.Context(), folder, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	contents, err := image.Inspect(tar)
	if err != nil {
		t.Fatal(err)
	}
	manifest, digest, err := image.Manifest(tar)
	if err != nil {
		t.Fatal(err)
	}
	file := put(t, filepath.Join(t.TempDir(), "manifest.json"), string(manifest))
	scan := func(change func(*image.Contents, *scanner.Job)) error {
		c := contents
		c.Built = map[string]image.Build{"app": contents.Built["app"]}
		job := scanner.Job{
			Tree: tree.Tree{Dir: folder}, Scratch: t.TempDir(), Run: scanner.Run,
			Image: scanner.Image{Digest: digest, Manifest: file},
		}
		change(&c, &job)
		return prove(t.Context(), &scanner.Scan{Job: job}, c)
	}
	if err := scan(func(*image.Contents, *scanner.Job) {}); err != nil {
		t.Errorf("the image of this tree: %v", err)
	}
	built := func(change func(*image.Build)) func(*image.Contents, *scanner.Job) {
		return func(c *image.Contents, _ *scanner.Job) {
			b := c.Built["app"]
			change(&b)
			c.Built["app"] = b
		}
	}
	for name, change := range map[string]func(*image.Contents, *scanner.Job){
		"more than a version":    func(c *image.Contents, _ *scanner.Job) { c.Version = "v1.2.3'; -X main.x=1" },
		"another module":         built(func(b *image.Build) { b.Module = "example.com/other" }),
		"another package":        built(func(b *image.Build) { b.Package = "example.com/canary/other" }),
		"another checksum":       built(func(b *image.Build) { b.Sum[0]++ }),
		"a Go that there is not": built(func(b *image.Build) { b.Go = "nonsense" }),
		"a script starts it":     func(c *image.Contents, _ *scanner.Job) { c.Entrypoint = "bin/sh" },
		"nothing starts it":      func(c *image.Contents, _ *scanner.Job) { c.Entrypoint = "" },
		"a second program": func(c *image.Contents, _ *scanner.Job) {
			c.Programs = []string{"app", "more"}
			c.Built["more"] = image.Build{Module: "example.com/more"}
		},
		"no program": func(c *image.Contents, _ *scanner.Job) { c.Programs = nil },
	} {
		t.Run(name, func(t *testing.T) { scannertest.WantKind(t, scan(change), scanner.AnotherImage) })
	}
}

// Before a release, the packages of the base must have been examined. Else it is said
// that they were not.
func TestBase(t *testing.T) {
	const withOS = `{"SchemaVersion":2,"ArtifactType":"container_image","Metadata":{"OS":{"Family":"debian","Name":"13.2"}},"Results":[{"Target":"image","Class":"os-pkgs","Packages":[{"Name":"tzdata"},{"Name":"base-files"}]}]}`
	distroless := t.TempDir()
	put(t, filepath.Join(distroless, "Dockerfile"), "FROM golang AS build\nFROM gcr.io/distroless/static\n")
	scratch := t.TempDir()
	put(t, filepath.Join(scratch, "Dockerfile"), "FROM golang AS build\nfrom scratch\nCOPY a /a\n")
	for name, test := range map[string]struct {
		report string
		known  map[string]int
		tree   string
		prove  bool
		ok     bool
		note   string
	}{
		"examined":                     {withOS, map[string]int{"debian 13": 9}, distroless, true, true, "2 packages of the base, debian 13.2, were examined"},
		"unknown to the database":      {withOS, map[string]int{"debian 12": 9, "go": 9}, distroless, true, false, ""},
		"unknown, and said":            {withOS, map[string]int{"go": 9}, distroless, false, true, "the database knows nothing of debian 13.2, so 2 packages"},
		"no packages":                  {strings.Replace(withOS, "os-pkgs", "lang-pkgs", 1), map[string]int{"debian 13": 9}, distroless, true, false, ""},
		"no system":                    {strings.Replace(withOS, "debian", "", 1), map[string]int{"debian 13": 9}, distroless, true, false, ""},
		"no system, and said":          {strings.Replace(withOS, "debian", "", 1), nil, distroless, false, true, "no operating system that is known"},
		"no system, and none expected": {strings.Replace(withOS, "debian", "", 1), nil, scratch, true, true, "no operating system that is known"},
		"no Dockerfile":                {strings.Replace(withOS, "debian", "", 1), nil, t.TempDir(), true, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := parse([]byte(test.report), "container_image")
			if err != nil {
				t.Fatal(err)
			}
			s := &scanner.Scan{Job: scanner.Job{Tree: tree.Tree{Dir: test.tree}, Image: scanner.Image{Prove: test.prove}}}
			err = r.base(s, advisories{counts: test.known})
			if !test.ok {
				scannertest.WantKind(t, err, scanner.TooFewExamined)
				return
			}
			said := s.Outcome.Unseen
			if name == "examined" {
				said = s.Outcome.Notes
			}
			if err != nil || !strings.Contains(strings.Join(said, "\n"), test.note) {
				t.Errorf("the outcome says %q, error %v", said, err)
			}
		})
	}
}
