// Package image packs and reads container images without an engine.
package image

import (
	"archive/tar"
	"bytes"
	"debug/buildinfo"
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
)

// Contents lists the parts of an image that a scanner must have seen.
type Contents struct {
	ID       string // as docker names it: the digest of the configuration
	Version  string // by the image's label, "" without one
	Layers   int
	Files    int
	Programs []string // Go programs, as paths without the leading slash, sorted
	Without  string   // the base image that Pack left out, "" if the image is whole
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
	id, err := img.ConfigName()
	if err != nil {
		return Contents{}, fmt.Errorf("read the name of the image: %w", err)
	}
	contents := Contents{
		ID: id.String(), Version: config.Config.Labels["org.opencontainers.image.version"],
		Layers: len(config.RootFS.DiffIDs), Without: config.Config.Labels[withoutLabel],
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
		isGo, err := goProgram(archive)
		if err != nil {
			return Contents{}, fmt.Errorf("read %s in the image: %w", header.Name, err)
		}
		if isGo {
			contents.Programs = append(contents.Programs, strings.TrimPrefix(strings.TrimPrefix(header.Name, "./"), "/"))
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

// goProgram reports whether a file is a program built by Go.
func goProgram(r io.Reader) (bool, error) {
	const elf = "\x7fELF"
	head := make([]byte, len(elf))
	if n, err := io.ReadFull(r, head); n < len(elf) || string(head) != elf {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = nil // shorter than any program
		}
		return false, err
	}
	content, err := io.ReadAll(io.MultiReader(bytes.NewReader(head), r))
	if err != nil {
		return false, err
	}
	_, err = buildinfo.Read(bytes.NewReader(content))
	return err == nil, nil
}
