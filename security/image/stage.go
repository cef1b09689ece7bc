package image

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// lastStage returns the last stage of a Dockerfile with its variables replaced.
func lastStage(source []byte, args map[string]string) (instructions.Stage, error) {
	file, err := parser.Parse(bytes.NewReader(source))
	if err != nil {
		return instructions.Stage{}, err
	}
	stages, _, err := instructions.Parse(file.AST, nil)
	if err != nil {
		return instructions.Stage{}, err
	}
	if len(stages) == 0 {
		return instructions.Stage{}, errors.New("it has no FROM")
	}
	last := stages[len(stages)-1]
	lex := shell.NewLex(file.EscapeToken)
	var variables []string // as NAME=value
	for _, command := range last.Commands {
		if e, ok := command.(instructions.SupportsSingleWordExpansion); ok {
			err := e.Expand(func(word string) (string, error) {
				value, _, err := lex.ProcessWord(word, shell.EnvsFromSlice(variables))
				return value, err
			})
			if err != nil {
				return instructions.Stage{}, fmt.Errorf("%s: %w", command, err)
			}
		}
		switch c := command.(type) {
		case *instructions.ArgCommand:
			for _, arg := range c.Args {
				if given, ok := args[arg.Key]; ok {
					arg.Value = &given
				}
				variables = append(variables, arg.String())
			}
		case *instructions.EnvCommand:
			for _, env := range c.Env {
				variables = append(variables, env.String())
			}
		}
	}
	return last, nil
}

// apply changes the configuration as the command says.
func apply(command instructions.Command, config *v1.Config) error {
	switch c := command.(type) {
	case *instructions.ArgCommand: // lastStage replaced it
	case *instructions.UserCommand:
		config.User = c.User
	case *instructions.WorkdirCommand:
		config.WorkingDir = c.Path
	case *instructions.EnvCommand:
		for _, env := range c.Env {
			config.Env = append(config.Env, env.String())
		}
	case *instructions.LabelCommand:
		for _, label := range c.Labels {
			config.Labels[label.Key] = label.Value
		}
	case *instructions.ExposeCommand:
		for _, port := range c.Ports {
			if !strings.Contains(port, "/") {
				port += "/tcp"
			}
			config.ExposedPorts[port] = struct{}{}
		}
	case *instructions.EntrypointCommand:
		config.Entrypoint = c.CmdLine
		return withoutShell(command, c.PrependShell)
	case *instructions.CmdCommand:
		config.Cmd = c.CmdLine
		return withoutShell(command, c.PrependShell)
	case *instructions.HealthCheckCommand:
		config.Healthcheck = &v1.HealthConfig{
			Test: c.Health.Test, Interval: c.Health.Interval, Timeout: c.Health.Timeout,
			StartPeriod: c.Health.StartPeriod, Retries: c.Health.Retries,
		}
		return withoutShell(command, c.Health.Test[0] == "CMD-SHELL")
	default:
		return fmt.Errorf("%s: %s cannot be packed without an engine", command, strings.ToUpper(command.Name()))
	}
	return nil
}

func withoutShell(command instructions.Command, shell bool) error {
	if shell {
		return fmt.Errorf("%s: the command must be a list in brackets", command)
	}
	return nil
}
