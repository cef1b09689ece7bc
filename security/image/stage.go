package image

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// stage is the last stage of a Dockerfile.
type stage struct {
	base         string
	instructions []instruction
}

// instruction is one line of a Dockerfile, its continuations joined and its
// variables replaced.
type instruction struct {
	name  string // in capitals
	rest  string // all after the name
	words []string
}

// String returns the instruction as it would be written on one line.
func (i instruction) String() string { return i.name + " " + i.rest }

func lastStage(source string, args map[string]string) (stage, error) {
	var last stage
	values := map[string]string{}
	for _, line := range joined(source) {
		command, rest, _ := strings.Cut(line, " ")
		i := instruction{name: strings.ToUpper(command), rest: strings.TrimSpace(rest)}
		if i.rest == "" {
			return stage{}, fmt.Errorf("%s says nothing", i.name)
		}
		switch i.name {
		case "FROM":
			last, values = stage{base: strings.Fields(i.rest)[0]}, map[string]string{}
			continue
		case "ARG":
			variable, value, _ := strings.Cut(i.rest, "=")
			if given, ok := args[variable]; ok {
				value = given
			}
			values[variable] = value
			continue
		}
		// A shell's program, in RUN or HEALTHCHECK, has variables of its own.
		if i.name != "RUN" && i.name != "HEALTHCHECK" {
			i.rest = os.Expand(i.rest, func(variable string) string { return values[variable] })
		}
		i.words = quotedFields(i.rest)
		last.instructions = append(last.instructions, i)
	}
	if last.base == "" {
		return stage{}, errors.New("it has no FROM")
	}
	return last, nil
}

// joined returns the lines of a Dockerfile without comments, and with those
// that a backslash continues in one.
func joined(source string) []string {
	var lines []string
	open := false
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		text, more := strings.CutSuffix(line, `\`)
		text = strings.TrimSpace(text)
		if open {
			lines[len(lines)-1] += " " + text
		} else {
			lines = append(lines, text)
		}
		open = more
	}
	return lines
}

// quotedFields splits at spaces that are not within double quotes, and removes
// the quotes.
func quotedFields(text string) []string {
	quoted := false
	fields := strings.FieldsFunc(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ' ' || r == '\t')
	})
	for i := range fields {
		fields[i] = strings.ReplaceAll(fields[i], `"`, "")
	}
	return fields
}

// apply changes the configuration as the instruction says.
func (i instruction) apply(config *v1.Config) (err error) {
	switch i.name {
	case "USER":
		config.User = i.rest
	case "WORKDIR":
		config.WorkingDir = i.rest
	case "ENV":
		config.Env = append(config.Env, i.words...)
	case "LABEL":
		for _, word := range i.words {
			key, value, _ := strings.Cut(word, "=")
			config.Labels[key] = value
		}
	case "EXPOSE":
		for _, port := range i.words {
			if !strings.Contains(port, "/") {
				port += "/tcp"
			}
			config.ExposedPorts[port] = struct{}{}
		}
	case "ENTRYPOINT":
		config.Entrypoint, err = i.exec(i.rest)
	case "CMD":
		config.Cmd, err = i.exec(i.rest)
	case "HEALTHCHECK":
		config.Healthcheck, err = i.health()
	default:
		return fmt.Errorf("%s: %s cannot be packed without an engine", i, i.name)
	}
	return err
}

// exec reads a command that is written as a list, which runs without a shell.
func (i instruction) exec(text string) ([]string, error) {
	var words []string
	if err := json.Unmarshal([]byte(text), &words); err != nil {
		return nil, fmt.Errorf("%s: the command must be a list in brackets: %w", i, err)
	}
	return words, nil
}

func (i instruction) health() (*v1.HealthConfig, error) {
	options, command, ok := strings.Cut(i.rest, "CMD ")
	if !ok {
		return nil, fmt.Errorf("%s: only HEALTHCHECK CMD can be packed", i)
	}
	words, err := i.exec(command)
	if err != nil {
		return nil, err
	}
	health := &v1.HealthConfig{Test: append([]string{"CMD"}, words...)}
	for _, option := range strings.Fields(options) {
		key, value, _ := strings.Cut(option, "=")
		to, known := map[string]*time.Duration{
			"--interval": &health.Interval, "--timeout": &health.Timeout, "--start-period": &health.StartPeriod,
		}[key]
		switch {
		case known:
			*to, err = time.ParseDuration(value)
		case key == "--retries":
			_, err = fmt.Sscan(value, &health.Retries)
		default:
			err = errors.New("unknown option")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", i, option, err)
		}
	}
	return health, nil
}
