package trivy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"

	"example.com/rates/security/image"
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// prove returns an error unless the image is the one that the pipeline knows by its
// digest, and was built from this tree.
func prove(ctx context.Context, s *scanner.Scan, contents image.Contents) error {
	if err := handedOver(s.Job.Image, contents.ID); err != nil {
		return err
	}
	mod, err := os.ReadFile(s.Job.Tree.Path("go.mod"))
	if err != nil {
		return scanner.Errorf(scanner.InputUnavailable, "find out which module the tree is: %w", err)
	}
	if !slices.Contains(contents.Programs, contents.Entrypoint) {
		return scanner.Errorf(scanner.AnotherImage, "the image starts %q, which is no Go program in it, so nothing proves what it was built from", contents.Entrypoint)
	}
	if !plainVersion.MatchString(contents.Version) {
		return scanner.Errorf(scanner.AnotherImage, "the label of the image claims the version %q, which is none", contents.Version)
	}
	for i, program := range contents.Programs {
		build := contents.Built[program]
		if own := modfile.ModulePath(mod); build.Module != own {
			return scanner.Errorf(scanner.AnotherImage, "the program %s in the image is of the module %q, not of %s", program, build.Module, own)
		}
		if err := buildAgain(ctx, s, contents, program, strconv.Itoa(i)); err != nil {
			return err
		}
	}
	s.Note("the programs in the image are byte for byte what this tree builds: %v", contents.Programs)
	return nil
}

// plainVersion matches a version that the linker takes as one word.
var plainVersion = regexp.MustCompile(`^[A-Za-z0-9._+-]*$`)

// handedOver checks the chain from the digest that the pipeline hands over, to the
// manifest, to the configuration, by whose digest the image names itself.
func handedOver(handed scanner.Image, id string) error {
	if handed.Digest == "" || handed.Manifest == "" {
		return scanner.Errorf(scanner.InputUnavailable, "the digest of the image and its manifest were not given; name them with --image-digest and --image-manifest")
	}
	text, err := os.ReadFile(handed.Manifest)
	if err != nil {
		return scanner.Errorf(scanner.InputUnavailable, "%w", err)
	}
	sum := sha256.Sum256(text)
	if got := "sha256:" + hex.EncodeToString(sum[:]); got != handed.Digest {
		return scanner.Errorf(scanner.AnotherImage, "the manifest %s has the digest %s, not %s", handed.Manifest, got, handed.Digest)
	}
	var manifest struct{ Config struct{ Digest string } }
	if err := json.Unmarshal(text, &manifest); err != nil || manifest.Config.Digest == "" {
		return scanner.Errorf(scanner.BadInput, "the manifest %s is not that of one image (%v)", handed.Manifest, err)
	}
	if manifest.Config.Digest != id {
		return scanner.Errorf(scanner.AnotherImage, "the image is %s, and the one of the digest %s is %s", id, handed.Digest, manifest.Config.Digest)
	}
	return nil
}

// buildAgain builds a program of the image from the tree, with the same version of Go.
// The version of the program is the one that the label of the image claims; if that is
// wrong, the programs differ.
func buildAgain(ctx context.Context, s *scanner.Scan, contents image.Contents, program, name string) error {
	built, err := s.Folder("built")
	if err != nil {
		return err
	}
	build, to := contents.Built[program], filepath.Join(built, name)
	_, err = s.Run(ctx, scanner.Command{
		Path: "go", Args: image.Recipe(build.Package, contents.Version, to),
		Env: []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + contents.Architecture, "GOTOOLCHAIN=" + build.Go, "GOFLAGS=", "GOWORK=off"},
	})
	if err != nil {
		if e := scanner.AsError(err); e.Kind != scanner.ToolFailed {
			return err
		}
		return scanner.Errorf(scanner.AnotherImage, "the program %s in the image cannot be built from this tree with %s: %w", program, build.Go, err)
	}
	content, err := os.ReadFile(to) // #nosec G304 -- it was built here
	if err != nil {
		return scanner.Errorf(scanner.ToolFailed, "%w", err)
	}
	if sha256.Sum256(content) != build.Sum {
		return scanner.Errorf(scanner.AnotherImage, "the program %s in the image is not what this tree builds with %s and the version %q; build the image from this commit",
			program, build.Go, contents.Version)
	}
	return nil
}

// base checks that the packages of the base image were examined. Without proof it only
// says so.
func (r report) base(s *scanner.Scan, known advisories) error {
	packages := 0
	for _, result := range r.Results {
		if result.Class == "os-pkgs" {
			packages += len(result.Packages)
		}
	}
	system := r.Metadata.OS.Family + " " + r.Metadata.OS.Name
	var lacks string
	switch {
	case r.Metadata.OS.Family == "":
		lacks = "the image has no operating system that is known, so the packages of its base were not examined"
	case packages == 0:
		lacks = "no package of " + system + " was found in the image, so its base was not examined"
	case known.ofSystem(r.Metadata.OS.Family, r.Metadata.OS.Name) == 0:
		lacks = "the database knows nothing of " + system + ", so " + strconv.Itoa(packages) + " packages of the base were not examined"
	default:
		s.Note("%d packages of the base, %s, were examined", packages, system)
		return nil
	}
	if s.Job.Image.Prove && !fromScratch(s.Job.Tree) {
		return scanner.Errorf(scanner.TooFewExamined, "%s", lacks)
	}
	s.Unseen("%s", lacks)
	return nil
}

// ofSystem returns how many advisories of a release the database has. It names a
// release by as much of its number as the system does: 13, or 3.24.
func (a advisories) ofSystem(family, release string) int {
	for {
		if n := a.counts[family+" "+release]; n > 0 {
			return n
		}
		last := strings.LastIndexByte(release, '.')
		if last < 0 {
			return 0
		}
		release = release[:last]
	}
}

// fromScratch reports whether the image of the tree has no base.
func fromScratch(t tree.Tree) bool {
	content, err := os.ReadFile(t.Path("Dockerfile"))
	if err != nil {
		return false
	}
	base := ""
	for line := range strings.Lines(string(content)) {
		if words := strings.Fields(line); len(words) > 1 && strings.EqualFold(words[0], "FROM") {
			base = words[1]
		}
	}
	return base == "scratch"
}
