package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"example.com/rates/security/tftest"
)

// terraform is the program, and where it has its provider from.
type terraform struct {
	version  string
	provider string   // for people
	env      []string // beside the process's own
}

func find(ctx context.Context) (*terraform, error) {
	tf := &terraform{}
	out, err := exec.CommandContext(ctx, "terraform", "version", "-json").Output() // warnings go to standard error
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("terraform is not installed; 1.11 or later is needed: https://developer.hashicorp.com/terraform/install")
	}
	if err != nil {
		return nil, fmt.Errorf("terraform version: %w\n%s", err, out)
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, fmt.Errorf("terraform version: %w\n%s", err, out)
	}
	tf.version = answer.Version
	return tf, nil
}

func (tf *terraform) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "terraform", args...) // #nosec G204 -- the arguments are this program's own
	cmd.Dir = dir
	cmd.Env = slices.Concat(os.Environ(), tftest.Environment(), tf.env)
	return cmd
}

// run runs terraform in a folder and returns what it wrote to both streams.
func (tf *terraform) run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	out, err := tf.command(ctx, dir, args...).CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("terraform %s in %s: %w", args[0], dir, err)
	}
	return out, nil
}

// test runs terraform test with -json and returns what it says, with the errors
// in it as one error.
func (tf *terraform) test(ctx context.Context, dir string, args ...string) (tftest.Report, error) {
	cmd := tf.command(ctx, dir, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr // Terraform's own warnings, which are not in JSON
	out, err := cmd.Output()
	report, unread := tftest.Parse(out)
	if unread != nil {
		return report, fmt.Errorf("terraform %s in %s: %w\n%s", args[0], dir, errors.Join(unread, err), stderr.Bytes())
	}
	var failures []error
	for _, d := range report.Diagnostics {
		failures = append(failures, fmt.Errorf("%s/%s", dir, d))
	}
	if err != nil && len(failures) == 0 {
		failures = append(failures, fmt.Errorf("terraform %s in %s: %w\n%s", args[0], dir, err, stderr.Bytes()))
	}
	return report, errors.Join(failures...)
}

// useProvider installs the provider from the registry. Where the registry cannot
// be reached, it has it built from its Go module.
func (tf *terraform) useProvider(ctx context.Context, out io.Writer, roots []string) error {
	tf.provider = "azurerm from the registry"
	for _, root := range roots {
		answer, err := tf.run(ctx, root, "init", "-backend=false", "-input=false", "-no-color")
		if err == nil {
			continue
		}
		if !tftest.RegistryClosed(answer) {
			return fmt.Errorf("%w\n%s", err, answer)
		}
		_, _ = fmt.Fprintln(out, "registry.terraform.io cannot be reached: taking azurerm as built from its Go module") // a lost line loses nothing
		return tf.useBuiltProvider(ctx)
	}
	return nil
}

func (tf *terraform) useBuiltProvider(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "terraform/provider/install.sh")
	cmd.Stderr = os.Stderr // it says that it takes minutes
	config, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("terraform/provider/install.sh: %w", err)
	}
	tf.env = append(tf.env, "TF_CLI_CONFIG_FILE="+strings.TrimSpace(string(config)))
	tf.provider = "azurerm built from its Go module"
	return nil
}
