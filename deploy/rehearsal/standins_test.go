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
	"strconv"
	"strings"
	"syscall"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// standIn is a program under the name of another. It keeps what it does in the
// folder of the world.
type standIn func(w place, args []string) error

var standIns = map[string]standIn{
	"az": az, "azure": azure, "cosign": cosign, "docker": docker, "gh": gh, "go": goCommand, "make": makeCommand,
}

func (s standIn) run(args []string) int {
	if err := s(place(os.Getenv("REHEARSAL")), args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// place is the folder of the world.
type place string

func (w place) at(elements ...string) string {
	return filepath.Join(append([]string{string(w)}, elements...)...)
}

func (w place) read(elements ...string) string {
	text, err := os.ReadFile(w.at(elements...))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func (w place) write(text string, elements ...string) error {
	path := w.at(elements...)
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600))
}

// option returns the value of a flag.
func option(args []string, flag string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, flag+"="); ok {
			return value
		}
		if arg == flag && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

func last(args []string) string { return args[len(args)-1] }

func unknown(program string, args []string) error {
	return fmt.Errorf("the stand-in for %s does not know %q", program, args)
}

// plain is an image name as the name of a file.
func plain(image string) string { return strings.ReplaceAll(image, "/", "+") }

// real replaces this process by the program that it stands in for.
func (w place) real(program string, args []string) error {
	var paths []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if dir != w.at("bin") {
			paths = append(paths, dir)
		}
	}
	if err := os.Setenv("PATH", strings.Join(paths, ":")); err != nil {
		return err
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return err
	}
	// What it starts finds the stand-ins again.
	if err := os.Setenv("PATH", strings.Join(append([]string{w.at("bin")}, paths...), ":")); err != nil {
		return err
	}
	return syscall.Exec(path, append([]string{program}, args...), os.Environ())
}

// makeCommand runs what is quick and leaves out the rest, which .ci/run proves.
func makeCommand(w place, args []string) error {
	target := args[0]
	if target == w.read("set", failing) {
		return fmt.Errorf("make: %s failed", target)
	}
	switch target {
	case "bdd":
		return w.real("make", args)
	case "security":
		return w.real("go", []string{"run", "./security/cmd/gates", "run", "--only=actionlint,zizmor,hadolint,suppressions"})
	case "zap":
		return report()
	case "build":
		if err := os.MkdirAll("bin", 0o700); err != nil {
			return err
		}
		return os.WriteFile("bin/rates", []byte("#!/bin/sh\necho left out of the rehearsal\n"), 0o700) // #nosec G306 -- a program
	default:
		fmt.Printf("make %s is left out of the rehearsal\n", target)
		return nil
	}
}

// report stands for the report of ZAP, which is not here.
func report() error {
	return errors.Join(os.MkdirAll("reports/zap", 0o700), os.WriteFile("reports/zap/report.md", []byte("left out of the rehearsal\n"), 0o600))
}

// goCommand is go, but for the gate that needs a database of vulnerabilities.
func goCommand(w place, args []string) error {
	if slices.Contains(args, "--only=trivy-image") {
		return nil
	}
	return w.real("go", args)
}

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

// gh keeps issues as files with their numbers, by label.
func gh(w place, args []string) error {
	label := option(args, "--label")
	switch strings.Join(args[:2], " ") {
	case "issue list":
		fmt.Print(w.read("issues", label))
		return nil
	case "issue create":
		return w.write(strconv.Itoa(os.Getpid()), "issues", label)
	case "issue close":
		files, err := os.ReadDir(w.at("issues"))
		for _, file := range files {
			if w.read("issues", file.Name()) == args[2] {
				return os.Remove(w.at("issues", file.Name()))
			}
		}
		return fmt.Errorf("there is no issue %s: %w", args[2], err)
	case "issue comment", "label create":
		return nil
	case "workflow run":
		return w.write(args[2]+" "+option(args, "--ref"), "dispatched")
	}
	return unknown("gh", args)
}
