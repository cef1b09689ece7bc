package buildfile

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"example.com/rates/security/password"
	"example.com/rates/security/scanner/script"
)

// Root is the rule that an image does not run as root.
const Root = "DOCKERFILE_ROOT"

// Rules returns the names of the rules.
func Rules() []string {
	var names []string
	for _, r := range []rule{digest, download, source, privileges, writable, secret, root} {
		names = append(names, r.id)
	}
	return names
}

// rule is the name of a rule, and what to do about its findings.
type rule struct{ id, help string }

var (
	digest     = rule{"DOCKERFILE_DIGEST", "Name the image by its digest, NAME:TAG@sha256:…; docker buildx imagetools inspect NAME:TAG prints it."}
	download   = rule{"DOCKERFILE_DOWNLOAD", "Download to a file, hold it against a checksum that is written here, and only then use it."}
	source     = rule{"DOCKERFILE_ADD", "Write --checksum=sha256:…, or for a git repository the commit as #COMMIT."}
	privileges = rule{"DOCKERFILE_PRIVILEGES", "Build without privileges: the build then cannot reach the host."}
	writable   = rule{"DOCKERFILE_WRITABLE", "Give the right to write to the owner only, for example chmod 755."}
	secret     = rule{"DOCKERFILE_SECRET", "Take it with RUN --mount=type=secret, or when the container starts: arguments and variables stay in the image."}
	root       = rule{Root, "End the last stage with USER and a user that is not root."}
)

var digestForm = regexp.MustCompile(`@sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$`)

func pinned(image string) bool { return digestForm.MatchString(image) }

// command examines an instruction of the i-th stage.
func (c *check) command(i int, command instructions.Command) {
	at := command.Location()
	switch command := command.(type) {
	case *instructions.ArgCommand:
		c.argument(command, &c.values)
	case *instructions.EnvCommand:
		for _, env := range command.Env {
			value := c.expand(env.Value, c.values)
			c.values = append(c.values, env.Key+"="+value)
			c.secret(at, instructions.KeyValuePairOptional{Key: env.Key, Value: &value}, "The variable "+env.Key)
		}
	case *instructions.UserCommand:
		c.users[i] = c.expand(command.User, c.values)
	case *instructions.CopyCommand:
		c.mode(at, command.Chmod)
		if from := c.expand(command.From, c.global); command.From != "" && c.earlier(i, from) < 0 {
			c.image(at, "COPY takes files of an image:", command.From, from)
		}
	case *instructions.AddCommand:
		c.mode(at, command.Chmod)
		c.add(command)
	case *instructions.RunCommand:
		c.run(i, command)
	case *instructions.CmdCommand:
		c.script(at, command.ShellDependantCmdLine)
	case *instructions.EntrypointCommand:
		c.script(at, command.ShellDependantCmdLine)
	case *instructions.HealthCheckCommand:
		if command.Health != nil {
			c.health(at, command.Health.Test)
		}
	case *instructions.OnbuildCommand:
		c.onbuild(i, command)
	}
}

// onbuild examines what is run in a build from this image.
func (c *check) onbuild(i int, command *instructions.OnbuildCommand) {
	file, err := parser.Parse(strings.NewReader(command.Expression))
	if err != nil {
		return
	}
	for _, node := range file.AST.Children {
		inner, err := instructions.ParseCommand(node)
		if err != nil {
			continue
		}
		before := len(c.findings)
		c.command(i, inner)
		for n := before; n < len(c.findings); n++ {
			c.findings[n].Line = command.Location()[0].Start.Line
		}
	}
}

func (c *check) run(i int, command *instructions.RunCommand) {
	at := command.Location()
	if instructions.GetSecurity(command) == instructions.SecurityInsecure {
		c.found(at, privileges, "RUN --security=insecure runs with the privileges of the engine.")
	}
	if instructions.GetNetwork(command) == instructions.NetworkHost {
		c.found(at, privileges, "RUN --network=host runs in the network of the host.")
	}
	for _, flag := range command.FlagsUsed {
		if flag == "device" {
			c.found(at, privileges, "RUN --device gives the build a device of the host.")
		}
	}
	for _, mount := range instructions.GetMounts(command) {
		if from := c.expand(mount.From, c.global); mount.From != "" && c.earlier(i, from) < 0 {
			c.image(at, "RUN mounts an image:", mount.From, from)
		}
	}
	text := c.script(at, command.ShellDependantCmdLine)
	c.runs[i] += text + "\n" // a file may be used by a later one
	if c.downloads(at, c.runs[i]) {
		c.runs[i] = ""
	}
	if found := openMode.FindString(text); found != "" {
		c.found(at, writable, fmt.Sprintf("%q lets everyone write.", strings.TrimSpace(found)))
	}
}

// script examines the script of an instruction and returns it.
func (c *check) script(at []parser.Range, line instructions.ShellDependantCmdLine) string {
	var words []string
	for _, word := range line.CmdLine {
		if !line.PrependShell {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		words = append(words, word)
	}
	text := strings.Join(words, " ")
	for _, file := range line.Files {
		if strings.Trim(text, `<-"' `) == file.Name { // the shell runs it
			text = file.Data
			continue
		}
		text += "\n" + file.Data + file.Name
	}
	c.downloads(at, text)
	return text
}

// health examines the test of a HEALTHCHECK, whose first word says who runs it.
func (c *check) health(at []parser.Range, test []string) {
	if len(test) > 0 {
		c.script(at, instructions.ShellDependantCmdLine{CmdLine: test[1:], PrependShell: test[0] == "CMD-SHELL"})
	}
}

// downloads reports whether a script runs what it downloads.
func (c *check) downloads(at []parser.Range, text string) bool {
	for _, fault := range script.Faults(text, script.Context{}) {
		if fault.Rule == script.Remote {
			c.found(at, download, fault.Message)
			return true
		}
	}
	return false
}

var (
	remote = regexp.MustCompile(`(?i)^(https?|ftp|git|ssh)://|^[a-z0-9._-]+@[a-z0-9.-]+:`)
	commit = regexp.MustCompile(`[#=][0-9a-f]{40}([:&].*)?$`)
)

func (c *check) add(command *instructions.AddCommand) {
	for _, from := range command.SourcePaths {
		from = c.expand(from, c.values)
		if remote.MatchString(from) && command.Checksum == "" && !commit.MatchString(from) {
			c.found(command.Location(), source, "ADD takes "+from+" whatever it holds.")
		}
	}
}

// openMode matches a command that lets everyone write. A folder whose files only
// their owner can remove, such as /tmp, is left out.
var openMode = regexp.MustCompile(`\b(?:chmod|install|mkdir)\b[^;&|\n]*?[\s'"=,](?:[ugo]*[ao][ugoa]*[+=][rxst]*w[rwxst]*|\+[rx]*w[rwx]*\b|0?[0246]?[0-7]{2}[2367]\b)`)

// modeForm matches the argument of --chmod.
var modeForm = regexp.MustCompile(`^([ugo]*[ao][ugoa]*[+=][rxst]*w.*|0?[0246]?[0-7]{2}[2367])$`)

func (c *check) mode(at []parser.Range, mode string) {
	mode = c.expand(mode, c.values)
	for part := range strings.SplitSeq(mode, ",") {
		if modeForm.MatchString(part) {
			c.found(at, writable, fmt.Sprintf("The mode %s lets everyone write.", mode))
		}
	}
}

// secret finds a value that is a secret by its name, or holds a password. An ARG
// without a default is for a secret that whoever builds passes.
func (c *check) secret(at []parser.Range, pair instructions.KeyValuePairOptional, what string) {
	switch {
	case pair.Value == nil && password.Named(pair.Key):
		c.found(at, secret, what+" takes a secret, which stays in the history of the image.")
	case pair.Value == nil:
	case password.InSetting(pair.Key, *pair.Value):
		c.found(at, secret, what+" holds a secret.")
	}
}

var rootForm = regexp.MustCompile(`^\s*(|root|0+)\s*(:.*)?$`)

// lastUser demands that the last stage does not run as root.
func (c *check) lastUser() {
	last := len(c.stages) - 1
	if !rootForm.MatchString(c.users[last]) {
		return
	}
	at := c.stages[last].Location
	for _, command := range c.stages[last].Commands {
		if _, ok := command.(*instructions.UserCommand); ok {
			at = command.Location()
		}
	}
	c.found(at, root, "The image runs as root.")
}
