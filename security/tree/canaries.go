package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Canaries is the folder of the defects planted to test the gates. It has a
// folder for each gate.
const Canaries = "security/canaries"

// Declaration is the name of the file that says which folders next to it hold
// the planted defects of a gate.
const Declaration = "canary.yaml"

// canaries are the folders and declarations of all gates.
type canaries struct{ folders, files []string }

// readCanaries reads the declarations among the names.
func readCanaries(root string, names []string) (canaries, error) {
	from, err := os.OpenRoot(root)
	if err != nil {
		return canaries{}, err
	}
	defer func() { _ = from.Close() }() // it was only read
	var found canaries
	for _, name := range names {
		if path.Base(name) != Declaration || path.Dir(path.Dir(name)) != Canaries {
			continue
		}
		content, err := from.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was removed, but not yet from git's index
		}
		if err != nil {
			return canaries{}, fmt.Errorf("read the canaries: %w", err)
		}
		var declared struct {
			Cases []struct {
				Folders []string `yaml:"folders"`
				ImageOf string   `yaml:"image_of"`
			} `yaml:"cases"`
		}
		if err := yaml.Unmarshal(content, &declared); err != nil {
			return canaries{}, fmt.Errorf("read %s: %w", name, err)
		}
		found.files = append(found.files, name)
		for _, c := range declared.Cases {
			folders := c.Folders
			if c.ImageOf != "" {
				folders = append(folders, c.ImageOf)
			}
			for _, folder := range folders {
				// Neither the folder of the gate itself nor one outside.
				if at := path.Join(path.Dir(name), folder); within(at, path.Dir(name)) {
					found.folders = append(found.folders, at)
				}
			}
		}
	}
	return found, nil
}

// hold reports whether a file belongs to a canary.
func (c canaries) hold(name string) bool {
	return slices.Contains(c.files, name) || slices.ContainsFunc(c.folders, func(folder string) bool { return within(name, folder) })
}
