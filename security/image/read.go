// Package image packs and reads container images without an engine.
package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// Contents lists the parts of an image that a scanner must have seen.
type Contents struct {
	ID       string // as docker names it: the digest of the configuration
	Version  string // by the image's label, "" without one
	Layers   int
	Files    int
	Programs []string // Go programs, as paths without the leading slash, sorted
	// Entrypoint is the program that the image starts, as a path without the leading
	// slash, "" without one.
	Entrypoint   string
	Architecture string           // as Go names it
	Built        map[string]Build // what each of Programs was built from
	Without      string           // the base image that Pack left out, "" if the image is whole
}

// Build says what a Go program claims to be built from, and its checksum, which proves
// more.
type Build struct {
	Module  string
	Package string
	Go      string // version
	Sum     [sha256.Size]byte
}

// Inspect reads an image from a tar of docker save, or from a folder with an OCI
// layout.
func Inspect(path string) (Contents, error) {
	img, err := open(path)
	if err != nil {
		return Contents{}, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return Contents{}, fmt.Errorf("read the configuration of the image: %w", err)
	}
	// The layers must be those of the configuration, by which the image is known.
	if err := validate.Image(img); err != nil {
		return Contents{}, fmt.Errorf("the image contradicts itself: %w", err)
	}
	id, err := img.ConfigName()
	if err != nil {
		return Contents{}, fmt.Errorf("read the name of the image: %w", err)
	}
	contents := Contents{
		ID: id.String(), Version: config.Config.Labels["org.opencontainers.image.version"],
		Layers: len(config.RootFS.DiffIDs), Without: config.Config.Labels[withoutLabel],
		Architecture: config.Architecture, Built: map[string]Build{},
	}
	if start := config.Config.Entrypoint; len(start) > 0 {
		contents.Entrypoint = strings.TrimPrefix(start[0], "/")
	}
	files := mutate.Extract(img)
	defer func() { _ = files.Close() }() // it was only read
	archive := tar.NewReader(files)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			slices.Sort(contents.Programs)
			return contents, nil
		}
		if err != nil {
			return Contents{}, fmt.Errorf("read the files of the image: %w", err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		contents.Files++
		if header.FileInfo().Mode().Perm()&0o111 == 0 {
			continue
		}
		build, isGo, err := goProgram(archive)
		if err != nil {
			return Contents{}, fmt.Errorf("read %s in the image: %w", header.Name, err)
		}
		if isGo {
			name := strings.TrimPrefix(strings.TrimPrefix(header.Name, "./"), "/")
			contents.Programs, contents.Built[name] = append(contents.Programs, name), build
		}
	}
}

func open(path string) (v1.Image, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return tarball.ImageFromPath(path, nil)
	}
	index, err := layout.ImageIndexFromPath(path)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	if len(manifest.Manifests) != 1 {
		return nil, fmt.Errorf("%s holds %d images; one is needed", path, len(manifest.Manifests))
	}
	return index.Image(manifest.Manifests[0].Digest)
}

// goProgram reports whether a file is a program built by Go, and from what.
func goProgram(r io.Reader) (Build, bool, error) {
	const elf = "\x7fELF"
	head := make([]byte, len(elf))
	if n, err := io.ReadFull(r, head); n < len(elf) || string(head) != elf {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = nil // shorter than any program
		}
		return Build{}, false, err
	}
	content, err := io.ReadAll(io.MultiReader(bytes.NewReader(head), r))
	if err != nil {
		return Build{}, false, err
	}
	info, err := buildinfo.Read(bytes.NewReader(content))
	if err != nil {
		return Build{}, false, nil //nolint:nilerr // it is another program
	}
	return Build{Module: info.Main.Path, Package: info.Path, Go: info.GoVersion, Sum: sha256.Sum256(content)}, true, nil
}

// Manifest returns the manifest of an image as a registry would have it, and its
// digest.
func Manifest(path string) (manifest []byte, digest string, err error) {
	img, err := open(path)
	if err != nil {
		return nil, "", err
	}
	if manifest, err = img.RawManifest(); err != nil {
		return nil, "", fmt.Errorf("make the manifest of the image: %w", err)
	}
	sum := sha256.Sum256(manifest)
	return manifest, "sha256:" + hex.EncodeToString(sum[:]), nil
}

// Recipe returns the arguments of go that build a package for an image, as the
// Dockerfiles do: the same source, version and Go give the same program.
func Recipe(pkg, version, to string) []string {
	const flags = "-s -w -buildid="
	if tests, ok := strings.CutSuffix(pkg, ".test"); ok {
		return []string{"test", "-c", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", to, tests}
	}
	return []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", flags + " -X main.version=" + version, "-o", to, pkg}
}
