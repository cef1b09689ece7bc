// Command packimage packs the last stage of a Dockerfile into a tar, as docker
// save writes it, without an engine. The base image is left out.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"example.com/rates/security/image"
)

type arguments struct {
	Dockerfile string            `default:"Dockerfile" type:"existingfile" help:"The Dockerfile whose last stage is packed."`
	Context    string            `default:"." type:"existingdir" help:"The folder that COPY reads from."`
	Stage      map[string]string `placeholder:"NAME=DIR" help:"A folder that stands for the files of another stage."`
	Arg        map[string]string `placeholder:"NAME=VALUE" help:"The value of an ARG."`
	Tag        string            `default:"rates:packed" help:"The name of the image."`
	Tar        string            `arg:"" type:"path" help:"The tar to write."`
}

func main() {
	var a arguments
	kong.Parse(&a, kong.Name("packimage"), kong.Description("Packs the last stage of a Dockerfile into an image, without an engine and without its base image."))
	plan := image.Plan{Dockerfile: a.Dockerfile, Context: a.Context, Stages: a.Stage, Args: a.Arg, Tag: a.Tag}
	if err := image.Pack(plan, a.Tar); err != nil {
		fmt.Fprintln(os.Stderr, "packimage:", err)
		os.Exit(1)
	}
}
