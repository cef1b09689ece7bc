package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"example.com/rates/internal/cli"
)

// version is set by the build.
var version string

type versionCommand struct{}

// Run prints the version of the program and of Go.
func (*versionCommand) Run(std cli.Streams) error {
	v := version
	if info, ok := debug.ReadBuildInfo(); v == "" && ok {
		v = info.Main.Version
	}
	_, err := fmt.Fprintf(std.Out, "rates %s %s %s/%s\n", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
