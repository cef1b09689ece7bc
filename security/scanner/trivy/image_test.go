package scanner

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/image"
)

// imageReplay returns a job with the image of a canary, in which Trivy prints
// what was recorded on that of another.
func imageReplay(t *testing.T, canary, printed string) Job {
	t.Helper()
	job := replay(t, "trivy-image/"+canary, recorded(t, "trivy-image/"+printed+".stdout"), recorded(t, "trivy-image/"+printed+".stderr"))
	job.Databases.Trivy = trivyTestCache(t, `{"UpdatedAt":"2026-08-21T20:38:00Z"}`)
	packed, err := image.OfFolder(t.Context(), job.Tree.Dir, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	job.Image = packed
	return job
}

func TestTrivyImageFinds(t *testing.T) {
	report, err := parseTrivy(recorded(t, "trivy-image/defect.stdout"), "container_image")
	if err != nil {
		t.Fatal(err)
	}
	if err := report.coversImage(image.Contents{Layers: 2, Programs: []string{"app"}}); err != nil {
		t.Error(err)
	}
	want := `CVE-2021-38561 unknown image:app (golang.org/x/text@v0.3.5)
CVE-2022-32149 unknown image:app (golang.org/x/text@v0.3.5)
CVE-2026-56852 unknown image:app (golang.org/x/text@v0.3.5)
DS-0002 high image
aws-access-key-id critical image:etc/upload.ini
`
	if diff := cmp.Diff(want, places(report.imageFindings("trivy-image", "/image/image.tar"))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestTrivyImagePassesWhatIsRight(t *testing.T) {
	outcome, err := TrivyImage{}.Scan(t.Context(), imageReplay(t, "clean", "clean"))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined != (Examined{Count: 1, Unit: "packages"}) || outcome.Database == nil {
		t.Errorf("examined %v of %v with findings\n%s", outcome.Examined, outcome.Database, places(outcome.Findings))
	}
}

func TestTrivyImageErrors(t *testing.T) {
	clean := imageReplay(t, "clean", "clean")
	noDatabase, gone := clean, clean
	noDatabase.Databases.Trivy = t.TempDir()
	gone.Image = filepath.Join(t.TempDir(), "image.tar")
	for name, c := range map[string]struct {
		job  Job
		kind Kind
	}{
		"no image":        {imageReplay(t, "no-image", "clean"), InputUnavailable},
		"image not there": {gone, InputUnavailable},
		"no tar":          {imageReplay(t, "unreadable", "clean"), BadInput},
		"no files":        {imageReplay(t, "empty", "clean"), NothingExamined},
		"other image":     {imageReplay(t, "clean", "defect"), BadInput},
		"no database":     {noDatabase, DatabaseMissing},
		"no tool":         {brokenTool(clean, ToolMissing), ToolMissing},
		"killed":          {brokenRun(clean, Killed), Killed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := TrivyImage{}.Scan(t.Context(), c.job)
			wantKind(t, err, c.kind)
		})
	}
}

func TestTrivyImageMustSeeAll(t *testing.T) {
	report, err := parseTrivy(recorded(t, "trivy-image/clean.stdout"), "container_image")
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, report.coversImage(image.Contents{Layers: 2}), BadInput)
	wantKind(t, report.coversImage(image.Contents{Layers: 1, Programs: []string{"app"}}), BadInput)
	report.Results = nil
	wantKind(t, report.coversImage(image.Contents{Layers: 1}), BadInput)
}

func TestTrivyImageOfADeadRelease(t *testing.T) {
	report, err := parseTrivy([]byte(`{"SchemaVersion":2,"ArtifactType":"container_image","Metadata":{"OS":{"Family":"debian","Name":"8","EOSL":true}}}`), "container_image")
	if err != nil {
		t.Fatal(err)
	}
	if got := places(report.imageFindings("trivy-image", "x")); !strings.HasPrefix(got, "os-end-of-life high") {
		t.Errorf("findings are %q", got)
	}
	_, err = parseTrivyLog([]byte("t\tWARN\tUnsupported os\tfamily=\"plan9\"\nt\tDEBUG\t" + trivyEnd + "\tpath=\"x\"\n"))
	wantKind(t, err, BadInput)
}
