package rehearsal

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// docker builds real programs into real images, without an engine. An image is a
// folder in the registry, and a tag is a file with its digest.
func docker(w place, args []string) error {
	switch args[0] {
	case "build":
		return build(w, option(args, "--file"), option(args, "--tag"))
	case "push", "pull":
		if w.read("registry", "tags", plain(last(args))) == "" && w.read("registry", digestOf(last(args)), "commit") == "" {
			return fmt.Errorf("there is no image %s", last(args))
		}
		return nil
	case "inspect":
		image, _, _ := strings.Cut(last(args), ":")
		fmt.Printf("%s@%s\n", image, w.read("registry", "tags", plain(last(args))))
		return nil
	case "save":
		return copyFile(w.at("registry", digestOf(last(args)), "image.tar"), option(args, "--output"))
	case "buildx":
		if slices.Contains(args, "--raw") {
			manifest, err := os.ReadFile(w.at("registry", digestOf(last(args)), "manifest"))
			if err == nil {
				_, err = os.Stdout.Write(manifest)
			}
			return err
		}
		digest := w.read("registry", "tags", plain(last(args)))
		if digest == "" {
			return fmt.Errorf("there is no image %s", last(args))
		}
		fmt.Println(digest)
		return nil
	}
	return unknown("docker", args)
}

func digestOf(image string) string {
	_, digest, _ := strings.Cut(image, "@")
	return digest
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

func build(w place, file, tag string) error {
	_, commit, _ := strings.Cut(tag, ":")
	program := w.at("program-" + filepath.Base(file))
	defer func() { _ = os.Remove(program) }()
	content := []byte("smoke features of " + commit)
	if file == "Dockerfile" {
		cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+commit, "-o", program, "./service/cmd/rates")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return err
		}
		var err error
		if content, err = os.ReadFile(program); err != nil {
			return err
		}
	}
	digest, err := w.store(content, commit)
	if err != nil {
		return err
	}
	return w.write(digest, "registry", "tags", plain(tag))
}

// store makes an image of a program and returns its digest.
func (w place) store(program []byte, commit string) (string, error) {
	files, err := archive(program)
	if err != nil {
		return "", err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil })
	if err != nil {
		return "", err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return "", err
	}
	digest, err := image.Digest()
	if err != nil {
		return "", err
	}
	tag, err := name.NewTag("rates:" + commit)
	if err != nil {
		return "", err
	}
	at := digest.String()
	if err := w.write(commit, "registry", at, "commit"); err != nil {
		return "", err
	}
	if err := os.WriteFile(w.at("registry", at, "rates"), program, 0o700); err != nil { // #nosec G306 -- a program
		return "", err
	}
	manifest, err := image.RawManifest()
	if err != nil {
		return "", err
	}
	if err := w.write(string(manifest), "registry", at, "manifest"); err != nil {
		return "", err
	}
	return at, tarball.WriteToFile(w.at("registry", at, "image.tar"), tag, image)
}

// archive is a layer that holds only the program.
func archive(program []byte) ([]byte, error) {
	var files bytes.Buffer
	w := tar.NewWriter(&files)
	if err := w.WriteHeader(&tar.Header{Name: "rates", Mode: 0o755, Size: int64(len(program))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(program); err != nil {
		return nil, err
	}
	err := w.Close()
	return files.Bytes(), err
}

// signature is what a certificate says of the signer.
type signature struct{ Identity, Issuer, Repository, Commit string }

// cosign signs as the workflow that runs, and verifies the identity that is asked
// for. No cryptography: who may sign as whom is for Sigstore.
func cosign(w place, args []string) error {
	at := w.at("signatures", digestOf(last(args))+"."+option(args, "--type"))
	if w.read("registry", digestOf(last(args)), "commit") == "" {
		return fmt.Errorf("there is no image %s", last(args))
	}
	switch args[0] {
	case "sign", "attest":
		if predicate := option(args, "--predicate"); predicate != "" {
			text, err := os.ReadFile(predicate)
			if err != nil || !json.Valid(text) {
				return fmt.Errorf("%s is no predicate: %w", predicate, err)
			}
		}
		text, err := json.Marshal(signature{
			Identity: fmt.Sprintf("https://github.com/%s/.github/workflows/%s@%s",
				os.Getenv("GITHUB_REPOSITORY"), os.Getenv("REHEARSAL_WORKFLOW"), os.Getenv("GITHUB_REF")),
			Issuer:     "https://token.actions.githubusercontent.com",
			Repository: os.Getenv("GITHUB_REPOSITORY"), Commit: os.Getenv("GITHUB_SHA"),
		})
		if err != nil {
			return err
		}
		return os.WriteFile(at, text, 0o600)
	case "verify", "verify-attestation":
		var signed signature
		if err := json.Unmarshal([]byte(w.read("signatures", filepath.Base(at))), &signed); err != nil {
			return errors.New("no signatures found")
		}
		wanted := signature{
			Identity: option(args, "--certificate-identity"), Issuer: option(args, "--certificate-oidc-issuer"),
			Repository: option(args, "--certificate-github-workflow-repository"), Commit: option(args, "--certificate-github-workflow-sha"),
		}
		if signed != wanted {
			return fmt.Errorf("signed by %+v, not %+v", signed, wanted)
		}
		return nil
	}
	return unknown("cosign", args)
}
