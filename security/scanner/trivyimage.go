package scanner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/image"
)

// TrivyImage looks for vulnerable packages, secrets and misconfiguration in
// the built image.
type TrivyImage struct{}

// Name implements Scanner.
func (TrivyImage) Name() string { return "trivy-image" }

// Subject implements Scanner.
func (TrivyImage) Subject() string { return "packages, secrets and configuration of the built image" }

// Scan implements Scanner.
func (g TrivyImage) Scan(ctx context.Context, job Job) (Outcome, error) {
	tool, err := job.Tool(ctx, "trivy")
	if err != nil {
		return Outcome{}, err
	}
	if job.Image == "" && job.PackImage {
		if job.Image, err = packImage(ctx, job); err != nil {
			return Outcome{}, err
		}
	}
	contents, err := inspect(job.Image)
	if err != nil {
		return Outcome{}, err
	}
	cache, err := trivyDatabase(ctx, job, tool)
	if err != nil {
		return Outcome{}, err
	}
	if cache.Dir, err = onlyDatabase(cache.Dir, job.Scratch); err != nil {
		return Outcome{}, err
	}
	cmd, err := trivyCommand(job, tool, cache, "image",
		"--scanners", "vuln,secret", "--image-config-scanners", "misconfig,secret", "--skip-check-update", "--input", job.Image)
	if err != nil {
		return Outcome{}, err
	}
	report, _, err := runTrivy(ctx, job, cmd, "container_image")
	if err != nil {
		return Outcome{}, err
	}
	if err := report.coversImage(contents); err != nil {
		return Outcome{}, err
	}
	notes := []string{
		// Whoever deploys an image can see that it is the one that was examined.
		fmt.Sprintf("image %s, version: %s, layers: %d, files: %d, Go programs: %s", contents.ID,
			cmp.Or(contents.Version, "none"), contents.Layers, contents.Files, strings.Join(contents.Programs, ", ")),
		"used the checks that are built into this version, not the newest bundle",
	}
	if contents.Without != "" {
		notes = append(notes, "the image was packed without its base "+contents.Without+", whose packages were not examined")
	}
	return Outcome{
		Tool: tool.Name, Version: tool.Version, Database: &cache.Database,
		Examined: Examined{Count: report.packages(), Unit: "packages"},
		Commands: append(cache.Commands, strings.ReplaceAll(job.typed(cmd), job.Image, filepath.Base(job.Image))),
		Notes:    notes, Findings: report.imageFindings(g.Name(), job.Image),
	}, nil
}

// inspect reads the image, to know what Trivy must see in it.
func inspect(path string) (image.Contents, error) {
	if path == "" {
		return image.Contents{}, Errorf(InputUnavailable,
			"no image was given; build one, save it with docker save, and name the tar with --image")
	}
	contents, err := image.Inspect(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return image.Contents{}, Errorf(InputUnavailable, "there is no image at %s", path)
	case err != nil:
		return image.Contents{}, Errorf(BadInput, "%s is no image that can be read: %w", path, err)
	case contents.Files == 0:
		return image.Contents{}, Errorf(NothingExamined, "the image %s holds no files", path)
	}
	return contents, nil
}

// onlyDatabase makes a cache folder that shares nothing but the database, so
// that a scan beside this one can fetch checks into its own.
func onlyDatabase(cache, scratch string) (string, error) {
	dir := filepath.Join(scratch, "cache")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("make a cache folder: %w", err)
	}
	database, err := filepath.Abs(filepath.Join(cache, "db"))
	if err != nil {
		return "", err
	}
	if err := os.Symlink(database, filepath.Join(dir, "db")); err != nil {
		return "", fmt.Errorf("share the database of trivy: %w", err)
	}
	return dir, nil
}

// coversImage checks that Trivy saw every layer, the configuration and the
// packages of every Go program.
func (r trivyReport) coversImage(contents image.Contents) error {
	if len(r.Metadata.DiffIDs) != contents.Layers {
		return Errorf(BadInput, "trivy saw %d of the %d layers of the image", len(r.Metadata.DiffIDs), contents.Layers)
	}
	programs, configured := map[string]bool{}, false
	for _, result := range r.Results {
		if result.Type == "gobinary" && len(result.Packages) > 0 {
			programs[result.Target] = true
		}
		configured = configured || result.Type == "dockerfile"
	}
	for _, program := range contents.Programs {
		if !programs[program] {
			return Errorf(BadInput, "trivy read no packages from the Go program %s", program)
		}
	}
	if !configured {
		return Errorf(BadInput, "trivy did not check the configuration of the image")
	}
	return nil
}

// imageFindings returns what is wrong in the image. An operating system that
// gets no advisories any more is a finding: nothing can be known about it.
func (r trivyReport) imageFindings(gate, path string) []finding.Finding {
	found := r.findings(gate, nil, nil)
	for i := range found {
		// Trivy names what belongs to no file after the tar, which has another
		// place each time.
		if inside, whole := strings.CutPrefix(found[i].Resource, path); whole {
			found[i].Resource = "image" + inside
		} else {
			found[i].Resource = "image:" + strings.TrimPrefix(found[i].Resource, "/")
		}
	}
	if r.Metadata.OS.EOSL {
		found = append(found, finding.Finding{
			Rule: "os-end-of-life", Severity: finding.High,
			Message:  fmt.Sprintf("%s %s gets no security updates any more.", r.Metadata.OS.Family, r.Metadata.OS.Name),
			Help:     "Build on a release that is supported.",
			Resource: "image", Witnesses: []finding.Witness{{Gate: gate, Rule: "os-end-of-life"}},
		})
	}
	return found
}
