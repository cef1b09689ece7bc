package terraform

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// useProvider takes azurerm from the registry, or, if that cannot be reached, the
// one that make terraform-provider built.
func (c *Copy) useProvider(ctx context.Context) error {
	for _, root := range c.Roots {
		at := c.In(root)
		out, err := at.Run(ctx, []int{0, 1}, "init", "-backend=false", "-input=false", "-no-color")
		c.Prepared = append(c.Prepared, at.Ran...)
		if err != nil {
			return err
		}
		said := slices.Concat(out.Stdout, out.Stderr)
		switch {
		case out.Exit == 0 && strings.Contains(string(said), "hashicorp/azurerm v"):
			c.provider = "azurerm from the registry"
		case out.Exit == 0:
		case registryClosed(said):
			return c.useBuiltProvider()
		case strings.Contains(string(said), "Terraform encountered problems during initialisation"), strings.Contains(string(said), "Error: "):
			return scanner.Errorf(scanner.BadInput, "%s: terraform init says %s", root, Sentence(said))
		default:
			return scanner.Errorf(scanner.ToolFailed, "terraform init in %s ended with code %d%s", root, out.Exit, scanner.LastWords(out))
		}
	}
	return nil
}

// azurerm is the Go module of the provider, and providerPin the folder whose
// go.mod and go.sum pin it.
const (
	azurerm     = "github.com/hashicorp/terraform-provider-azurerm"
	providerPin = "terraform/provider"
)

// useBuiltProvider proves that the built provider is made from the pinned source,
// and configures Terraform to use it.
func (c *Copy) useBuiltProvider() error {
	const advice = "registry.terraform.io cannot be reached; run: make terraform-provider"
	version, sum, err := pinnedProvider(c.job.Tree)
	if err != nil {
		return scanner.Errorf(scanner.ToolMissing, "the provider azurerm is not installed, and no file pins it: %w", err)
	}
	cache, err := userFolder("XDG_CACHE_HOME", ".cache")
	if err != nil {
		return scanner.Errorf(scanner.ToolMissing, "the provider azurerm is not installed: %w", err)
	}
	dir := filepath.Join(cache, "rates", "terraform-provider-azurerm", version)
	info, err := buildinfo.ReadFile(filepath.Join(dir, path.Base(azurerm)))
	if errors.Is(err, fs.ErrNotExist) {
		return scanner.Errorf(scanner.ToolMissing, "the provider azurerm is not installed, and %s", advice)
	}
	if err != nil {
		return scanner.Errorf(scanner.WrongVersion, "the provider azurerm does not say what it was built from: %w; remove %s and run: make terraform-provider", err, dir)
	}
	if main := info.Main; main.Replace != nil || main.Path != azurerm || main.Version != version || main.Sum != sum {
		return scanner.Errorf(scanner.WrongVersion, "the provider in %s was built from %s %s with the checksum %q, not from the source that %s pins; remove that folder and run: make terraform-provider",
			dir, main.Path, main.Version, main.Sum, providerPin)
	}
	if err := unchanged(filepath.Join(dir, path.Base(azurerm)), version); err != nil {
		return scanner.Errorf(scanner.ToolChanged, "the provider azurerm is not what was built: %w; run: make terraform-provider", err)
	}
	c.provider = "azurerm built from its Go module " + version
	c.program = filepath.Join(dir, path.Base(azurerm))
	return c.setUp(fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"hashicorp/azurerm\" = %q\n  }\n  direct {}\n}\n", dir))
}

// unchanged compares the built provider with the checksum that install.sh recorded.
func unchanged(program, version string) error {
	records := os.Getenv("RATES_TOOL_RECORDS")
	if records == "" {
		config, err := userFolder("XDG_CONFIG_HOME", ".config")
		if err != nil {
			return err
		}
		records = filepath.Join(config, "rates", "tools")
	}
	recorded, err := os.ReadFile(filepath.Join(records, path.Base(azurerm)+"-"+version+".sha256")) // #nosec G304 G703 -- the user names the folder
	if err != nil {
		return err
	}
	file, err := os.Open(program) // #nosec G304 -- the provider, which is only read
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	if want, _, _ := strings.Cut(string(recorded), " "); want != hex.EncodeToString(sum.Sum(nil)) {
		return fmt.Errorf("the checksum of %s is not the recorded one", program)
	}
	return nil
}

// pinnedProvider returns the version and the checksum of the provider's module.
func pinnedProvider(t tree.Tree) (version, sum string, err error) {
	mod, err := os.ReadFile(t.Path(providerPin + "/go.mod"))
	if err != nil {
		return "", "", err
	}
	parsed, err := modfile.Parse(providerPin+"/go.mod", mod, nil)
	if err != nil {
		return "", "", err
	}
	at := slices.IndexFunc(parsed.Require, func(r *modfile.Require) bool { return r.Mod.Path == azurerm })
	if at < 0 {
		return "", "", fmt.Errorf("%s/go.mod does not require %s", providerPin, azurerm)
	}
	version = parsed.Require[at].Mod.Version
	sums, err := os.ReadFile(t.Path(providerPin + "/go.sum"))
	if err != nil {
		return "", "", err
	}
	for line := range strings.Lines(string(sums)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == azurerm && fields[1] == version {
			return version, fields[2], nil
		}
	}
	return "", "", fmt.Errorf("%s/go.sum has no checksum of %s %s", providerPin, azurerm, version)
}

// userFolder returns a folder of the user as terraform/provider/install.sh finds it.
func userFolder(variable, below string) (string, error) {
	if dir := os.Getenv(variable); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, below), err
}

// Notes says which provider was used.
func (c *Copy) Notes() []string {
	if c.provider == "" {
		return []string{"no provider but Terraform's own is used"}
	}
	return []string{"the provider is " + c.provider + ", and it is mocked"}
}

// registryClosed reports whether terraform init failed only because it could not
// connect to the registry. Terraform may break a line anywhere.
func registryClosed(answer []byte) bool {
	said := bytes.Join(bytes.Fields(answer), []byte(" "))
	for _, reason := range []string{"could not connect to registry.terraform.io", "dial tcp", "proxyconnect tcp", "Client.Timeout exceeded"} {
		if bytes.Contains(said, []byte(reason)) {
			return true
		}
	}
	return false
}
