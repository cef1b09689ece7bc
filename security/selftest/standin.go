package selftest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/rates/security/scanner"
)

// finder returns the finder of the tools for a subject. It finds the stand-in, if it
// has one, under the name and the version of the pinned tool.
func (t *trial) finder(at subject) toolFinder {
	if at.standIn == "" {
		return t.cfg.find
	}
	return func(_ context.Context, name string) (scanner.Tool, error) {
		if t.cfg.StandIn == nil {
			return scanner.Tool{}, errors.New("this self-test has no stand-ins")
		}
		pin, err := t.cfg.Box.Pin(name)
		if err != nil {
			return scanner.Tool{}, scanner.Errorf(scanner.ToolMissing, "%w", err)
		}
		words := t.cfg.StandIn(t.scanner.Name(), at.standIn)
		for i, word := range words {
			words[i] = scanner.Quoted(word)
		}
		program := filepath.Join(filepath.Dir(at.tree.Dir), "stand-in")
		script := fmt.Sprintf("#!/bin/sh\nexec %s \"$@\"\n", strings.Join(words, " "))
		err = os.WriteFile(program, []byte(script), 0o700) // #nosec G306 -- it must be a program
		return scanner.Tool{Name: name, Path: program, Version: pin.Version}, err
	}
}
