package trivy

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/image"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

func TestTrivyImageFinds(t *testing.T) {
	r, err := parse(scannertest.Read(t, "trivy-image/defect.stdout"), "container_image")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.coversImage(image.Contents{Layers: 2, Programs: []string{"app"}}); err != nil {
		t.Error(err)
	}
	want := `CVE-2021-38561 unknown image:app (golang.org/x/text@v0.3.5)
CVE-2022-32149 unknown image:app (golang.org/x/text@v0.3.5)
CVE-2026-56852 unknown image:app (golang.org/x/text@v0.3.5)
DS-0002 high image
aws-access-key-id critical image:etc/upload.ini
`
	if diff := cmp.Diff(want, scannertest.Places(r.imageFindings("/image/image.tar"))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestTrivyImageErrors(t *testing.T) {
	clean := scannertest.Replay(t, "trivy-image/clean")
	noDatabase, gone := clean, clean
	noDatabase.Databases.Trivy = t.TempDir()
	gone.Image.Tar = filepath.Join(t.TempDir(), "image.tar")
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"no image":        {scannertest.ReplayOn(t, "trivy-image/no-image", "trivy-image/clean"), scanner.InputUnavailable},
		"image not there": {gone, scanner.InputUnavailable},
		"no tar":          {scannertest.ReplayOn(t, "trivy-image/unreadable", "trivy-image/clean"), scanner.BadInput},
		"no files":        {scannertest.ReplayOn(t, "trivy-image/empty", "trivy-image/clean"), scanner.NothingExamined},
		"other image":     {scannertest.ReplayOn(t, "trivy-image/clean", "trivy-image/defect"), scanner.BadInput},
		"no database":     {noDatabase, scanner.DatabaseMissing},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewImage().Scan(t.Context(), c.job)
			scannertest.WantKind(t, err, c.kind)
		})
	}
}

func TestTrivyImageMustReadEverything(t *testing.T) {
	r, err := parse(scannertest.Read(t, "trivy-image/clean.stdout"), "container_image")
	if err != nil {
		t.Fatal(err)
	}
	scannertest.WantKind(t, r.coversImage(image.Contents{Layers: 2}), scanner.BadInput)
	scannertest.WantKind(t, r.coversImage(image.Contents{Layers: 1, Programs: []string{"app"}}), scanner.BadInput)
	r.Results = nil
	scannertest.WantKind(t, r.coversImage(image.Contents{Layers: 1}), scanner.BadInput)
}

func TestTrivyImageOfAnUnsupportedRelease(t *testing.T) {
	r, err := parse([]byte(`{"SchemaVersion":2,"ArtifactType":"container_image","Metadata":{"OS":{"Family":"debian","Name":"8","EOSL":true}}}`), "container_image")
	if err != nil {
		t.Fatal(err)
	}
	if got := scannertest.Places(r.imageFindings("x")); !strings.HasPrefix(got, "os-end-of-life high") {
		t.Errorf("findings are %q", got)
	}
	_, err = parseLog([]byte("t\tWARN\tUnsupported os\tfamily=\"plan9\"\nt\tDEBUG\t" + logEnd + "\tpath=\"x\"\n"))
	scannertest.WantKind(t, err, scanner.BadInput)
}
