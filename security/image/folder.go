package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// OfFolder returns the image of a folder: its image.tar, or its Dockerfile
// packed into scratch, or "" if it has neither. If it holds a Go module, the
// stage named build has the program that go build makes of it, as /app.
func OfFolder(ctx context.Context, folder, scratch string) (string, error) {
	ready := filepath.Join(folder, "image.tar")
	if _, err := os.Stat(ready); err == nil {
		return ready, nil
	}
	plan := Plan{Dockerfile: filepath.Join(folder, "Dockerfile"), Context: folder, Tag: "canary:packed"}
	if _, err := os.Stat(plan.Dockerfile); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
		stage := filepath.Join(scratch, "stage")
		build := exec.CommandContext(ctx, "go", Recipe(".", "", filepath.Join(stage, "app"))...) // #nosec G204 -- the program is fixed, and what it writes to is our own
		build.Dir = folder
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=mod", "GOOS=linux", "GOARCH="+architecture)
		if out, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build the program of %s: %w\n%s", folder, err, bytes.TrimSpace(out))
		}
		plan.Stages = map[string]string{"build": stage}
	}
	packed := filepath.Join(scratch, "image.tar")
	return packed, Pack(plan, packed)
}
