package trivy

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"example.com/rates/security/image"
	"example.com/rates/security/scanner"
)

// packImage builds the program of the tree as its Dockerfile does, and packs
// the image's last stage with it, without an engine and without the base image.
// It returns the path of the tar.
func packImage(ctx context.Context, job scanner.Job) (string, error) {
	const dockerfile, program = "Dockerfile", "./service/cmd/rates"
	if !job.Tree.Has(dockerfile) || !job.Tree.Has("service/cmd/rates") {
		return "", scanner.Errorf(scanner.NothingExamined, "there is no %s of %s to pack", dockerfile, program)
	}
	stage := filepath.Join(job.Scratch, "build")
	if err := os.MkdirAll(stage, 0o750); err != nil {
		return "", fmt.Errorf("create a folder to build in: %w", err)
	}
	_, err := job.Run(ctx, scanner.Command{
		Path: "go", Dir: job.Tree.Dir,
		Args: image.Recipe(program, "packed", filepath.Join(stage, "rates")),
		Env:  []string{"CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off"},
	})
	if err != nil {
		return "", err
	}
	tar := filepath.Join(job.Scratch, "packed.tar")
	err = image.Pack(image.Plan{
		Dockerfile: job.Tree.Path(dockerfile), Context: job.Tree.Dir, Tag: "rates:packed",
		Stages: map[string]string{"build": stage}, Args: map[string]string{"VERSION": "packed"},
	}, tar)
	if err != nil {
		return "", scanner.Errorf(scanner.BadInput, "%w", err)
	}
	return tar, nil
}
