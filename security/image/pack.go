package image

import (
	"archive/tar"
	"bytes"
	"cmp"
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
)

// withoutLabel names the base image that Pack left out.
const withoutLabel = "example.com.rates.packed-without"

// Plan says what to pack.
type Plan struct {
	Dockerfile string            // its last stage is packed
	Context    string            // folder that COPY reads from
	Stages     map[string]string // folders that stand for the files of other stages
	Args       map[string]string // values of ARG
	Tag        string            // name of the image, such as rates:packed
}

// Pack writes the last stage of a Dockerfile as an image, in the form that
// docker save has. Nothing is run and no base image is fetched, so the image
// holds the files that are copied and the configuration, and a label that
// names the base it lacks. An instruction that needs more is an error.
func Pack(plan Plan, tarFile string) error {
	source, err := os.ReadFile(plan.Dockerfile)
	if err != nil {
		return err
	}
	stage, err := lastStage(string(source), plan.Args)
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

func (p Plan) build(stage stage) (v1.Image, error) {
	config := v1.Config{Labels: map[string]string{}, ExposedPorts: map[string]struct{}{}}
	if stage.base != "scratch" {
		config.Labels[withoutLabel] = stage.base
	}
	img := empty.Image
	for _, instruction := range stage.instructions {
		addendum := mutate.Addendum{History: v1.History{CreatedBy: instruction.String(), EmptyLayer: true}}
		if instruction.name == "COPY" {
			layer, err := p.layer(instruction)
			if err != nil {
				return nil, err
			}
			addendum.Layer = layer
			addendum.History = v1.History{CreatedBy: instruction.String() + " # buildkit"}
		} else if err := instruction.apply(&config); err != nil {
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
	file.OS, file.Architecture, file.Config = "linux", "amd64", config
	return mutate.ConfigFile(img, file)
}

// layer returns what a COPY instruction adds.
func (p Plan) layer(copied instruction) (v1.Layer, error) {
	root, words := p.Context, copied.words
	if from, ok := strings.CutPrefix(words[0], "--from="); ok {
		if root, ok = p.Stages[from]; !ok {
			return nil, fmt.Errorf("%s: the files of stage %s were not given", copied, from)
		}
		words = words[1:]
	}
	if len(words) != 2 || strings.HasPrefix(words[0], "--") {
		return nil, fmt.Errorf("%s: only COPY [--from=STAGE] SOURCE TARGET can be packed", copied)
	}
	folder, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", copied, err)
	}
	defer func() { _ = folder.Close() }() // it was only read
	source, err := fs.Sub(folder.FS(), cmp.Or(strings.Trim(path.Clean(words[0]), "/"), "."))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", copied, err)
	}
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	err = fs.WalkDir(source, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return add(archive, source, file, path.Join(words[1], file))
	})
	if err := errors.Join(err, archive.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", copied, err)
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil })
}

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
