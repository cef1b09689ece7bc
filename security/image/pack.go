package image

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// withoutLabel is the label with the base image that Pack left out.
const withoutLabel = "example.com.rates.packed-without"

// architecture is that of packed images.
const architecture = "amd64"

// Plan says what to pack.
type Plan struct {
	Dockerfile string            // to pack the last stage of
	Context    string            // folder that COPY reads
	Stages     map[string]string // a folder with the files of each other stage
	Args       map[string]string // values of ARG
	Tag        string            // name of the image, such as rates:packed
}

// Pack writes the last stage of a Dockerfile as an image, in the format of
// docker save. It runs nothing and fetches no base image, so the image holds the
// copied files and the configuration, and a label that names the missing base.
// An instruction that needs more is an error.
func Pack(plan Plan, tarFile string) error {
	source, err := os.ReadFile(plan.Dockerfile)
	if err != nil {
		return err
	}
	stage, err := lastStage(source, plan.Args)
	if err != nil {
		return fmt.Errorf("read %s: %w", plan.Dockerfile, err)
	}
	img, err := plan.build(stage)
	if err != nil {
		return fmt.Errorf("pack %s: %w", plan.Dockerfile, err)
	}
	tag, err := name.NewTag(plan.Tag)
	if err != nil {
		return fmt.Errorf("pack %s: %w", plan.Dockerfile, err)
	}
	return tarball.WriteToFile(tarFile, tag, img)
}

func (p Plan) build(stage instructions.Stage) (v1.Image, error) {
	config := v1.Config{Labels: map[string]string{}, ExposedPorts: map[string]struct{}{}}
	if stage.BaseName != "scratch" {
		config.Labels[withoutLabel] = stage.BaseName
	}
	img := empty.Image
	for _, command := range stage.Commands {
		addendum := mutate.Addendum{History: v1.History{CreatedBy: fmt.Sprint(command), EmptyLayer: true}}
		if copied, ok := command.(*instructions.CopyCommand); ok {
			layer, err := p.layer(copied)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", copied, err)
			}
			addendum.Layer = layer
			addendum.History = v1.History{CreatedBy: copied.String() + " # buildkit"}
		} else if err := apply(command, &config); err != nil {
			return nil, err
		}
		var err error
		if img, err = mutate.Append(img, addendum); err != nil {
			return nil, err
		}
	}
	file, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config = "linux", architecture, config
	return mutate.ConfigFile(img, file)
}

// layer returns the files of a COPY instruction.
func (p Plan) layer(copied *instructions.CopyCommand) (v1.Layer, error) {
	root := p.Context
	if copied.From != "" {
		var ok bool
		if root, ok = p.Stages[copied.From]; !ok {
			return nil, fmt.Errorf("the files of stage %s were not given", copied.From)
		}
	}
	plain := copied.Chown == "" && copied.Chmod == "" && !copied.Parents && len(copied.ExcludePatterns) == 0
	if !plain || len(copied.SourcePaths) != 1 || len(copied.SourceContents) > 0 {
		return nil, errors.New("only COPY [--from=STAGE] SOURCE TARGET can be packed")
	}
	folder, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = folder.Close() }() // it was only read
	source, err := fs.Sub(folder.FS(), cmp.Or(strings.Trim(path.Clean(copied.SourcePaths[0]), "/"), "."))
	if err != nil {
		return nil, err
	}
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	err = fs.WalkDir(source, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return add(archive, source, file, path.Join(copied.DestPath, file))
	})
	if err := errors.Join(err, archive.Close()); err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil }
	return tarball.LayerFromOpener(opener, tarball.WithCompressionLevel(gzip.NoCompression)) // it is read once, here
}

// add writes a file to the archive, always with the same time.
func add(archive *tar.Writer, from fs.FS, file, target string) error {
	content, err := fs.ReadFile(from, file)
	if err != nil {
		return err
	}
	info, err := fs.Stat(from, file)
	if err != nil {
		return err
	}
	header := &tar.Header{
		Typeflag: tar.TypeReg, Name: strings.TrimPrefix(target, "/"), Size: int64(len(content)),
		Mode: int64(info.Mode().Perm()), ModTime: time.Unix(0, 0), Format: tar.FormatPAX,
	}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = archive.Write(content)
	return err
}
