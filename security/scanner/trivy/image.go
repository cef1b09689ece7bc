package trivy

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
	"example.com/rates/security/scanner"
)

// NewImage returns the gate of the built image.
func NewImage() scanner.Scanner {
	return scanner.Gate{
		ID: "trivy-image", About: "packages, secrets and configuration of the built image", Tool: "trivy", Unit: "packages",
		Examine: examineImage,
	}
}

func examineImage(ctx context.Context, s *scanner.Scan) (err error) {
	tar := s.Job.Image.Tar
	if tar == "" && s.Job.Image.Pack {
		if tar, err = packImage(ctx, s.Job); err != nil {
			return err
		}
	}
	contents, err := inspect(tar)
	if err != nil {
		return err
	}
	if s.Job.Image.Prove {
		if err := prove(ctx, s, contents); err != nil {
			return err
		}
	} else if contents.Without == "" {
		s.Unseen("the image was not compared with the tree; the profile release does that")
	}
	cache, err := database(ctx, s)
	if err != nil {
		return err
	}
	if cache.dir, err = onlyDatabase(cache.dir, s.Job.Scratch); err != nil {
		return err
	}
	r, _, err := run(ctx, s, cache, "container_image", "image",
		"--scanners", "vuln,secret", "--image-config-scanners", "misconfig,secret", "--skip-check-update", "--input", tar)
	if err != nil {
		return err
	}
	if err := r.coversImage(contents); err != nil {
		return err
	}
	if contents.Without != "" && !s.Job.Image.Prove {
		s.Unseen("the image was packed without its base %s, whose packages were not examined", contents.Without)
	} else if err := r.base(s, cache.advisories); err != nil {
		return err
	}
	for i, command := range s.Outcome.Commands {
		s.Outcome.Commands[i] = strings.ReplaceAll(command, tar, filepath.Base(tar))
	}
	s.Outcome.Examined.Count = r.packages()
	// By this an image can be compared with the one that is deployed.
	s.Note("image %s, version: %s, layers: %d, files: %d, Go programs: %s", contents.ID,
		cmp.Or(contents.Version, "none"), contents.Layers, contents.Files, strings.Join(contents.Programs, ", "))
	s.Note("used the checks that are built into this version, not the newest bundle")
	s.Found(r.imageFindings(tar)...)
	return nil
}

// inspect reads the image to know what Trivy must see in it.
func inspect(path string) (image.Contents, error) {
	if path == "" {
		return image.Contents{}, scanner.Errorf(scanner.InputUnavailable,
			"no image was given; build one, save it with docker save, and name the tar with --image")
	}
	contents, err := image.Inspect(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return image.Contents{}, scanner.Errorf(scanner.InputUnavailable, "there is no image at %s", path)
	case err != nil:
		return image.Contents{}, scanner.Errorf(scanner.BadInput, "%s is not a readable image: %w", path, err)
	case contents.Files == 0:
		return image.Contents{}, scanner.Errorf(scanner.NothingExamined, "the image %s holds no files", path)
	}
	return contents, nil
}

// onlyDatabase creates a cache folder that shares only the database, so that
// another scan at the same time can download checks into its own.
func onlyDatabase(cache, scratch string) (string, error) {
	dir := filepath.Join(scratch, "cache")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("create a cache folder: %w", err)
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
func (r report) coversImage(contents image.Contents) error {
	if len(r.Metadata.DiffIDs) != contents.Layers {
		return scanner.Errorf(scanner.BadInput, "trivy saw %d of the %d layers of the image", len(r.Metadata.DiffIDs), contents.Layers)
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
			return scanner.Errorf(scanner.BadInput, "trivy read no packages from the Go program %s", program)
		}
	}
	if !configured {
		return scanner.Errorf(scanner.BadInput, "trivy did not check the configuration of the image")
	}
	return nil
}

// imageFindings returns the defects of the image. An operating system without
// further advisories is one: its vulnerabilities are unknown.
func (r report) imageFindings(path string) []finding.Finding {
	found := r.findings(nil, nil)
	for i := range found {
		// Trivy names findings outside of files after the tar, whose path
		// differs each time.
		if inside, whole := strings.CutPrefix(found[i].Resource, path); whole {
			found[i].Resource = "image" + inside
		} else {
			found[i].Resource = "image:" + strings.TrimPrefix(found[i].Resource, "/")
		}
	}
	if r.Metadata.OS.EOSL {
		found = append(found, finding.Finding{
			Rule: "os-end-of-life", Severity: finding.High,
			Message:  fmt.Sprintf("%s %s no longer gets security updates.", r.Metadata.OS.Family, r.Metadata.OS.Name),
			Help:     "Build on a release that is supported.",
			Resource: "image",
		})
	}
	return found
}
