package shell

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// RunsDownload returns the name of the program that runs, installs or makes
// executable what the script downloads without verifying it, "" if none does. A
// download is verified by a checksum or a signature between it and its use.
func RunsDownload(script string) string {
	if inline.MatchString(script) {
		return "eval"
	}
	var s search
	return s.script(script, 0)
}

// inline matches programs in other languages that run what they download.
var inline = regexp.MustCompile(`(?is)\bexec\s*\(.*\b(urlopen|requests\.get)\b|\b(iex|invoke-expression)\b.*\b(iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b|` +
	`\b(iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b[^;\n]*\|\s*(iex|invoke-expression)\b`)

var (
	fetchers  = regexp.MustCompile(`^(?:.*/)?(curl|wget|wget2|aria2c|axel|fetch|lynx)$`)
	shells    = regexp.MustCompile(`^(?:.*/)?(sh|bash|dash|ash|zsh|ksh|fish|busybox|source|\.|eval|exec)$`)
	languages = regexp.MustCompile(`^(?:.*/)?(python[0-9.]*|perl|ruby|node|php|pwsh|deno|bun)$`)
	installs  = regexp.MustCompile(`^(?:.*/)?(dpkg|rpm|apt|apt-get|apk|yum|dnf)$`)
	verifies  = regexp.MustCompile(`^(?:.*/)?(sha(1|224|256|384|512)sum|shasum|b2sum|gpg|gpgv|cosign|minisign|signify|slsa-verifier|openssl)$`)
	wrappers  = regexp.MustCompile(`^(?:.*/)?(sudo|doas|env|nohup|time|nice|setsid|command|then|do|else|if|while|until|!|\{|[A-Za-z_][A-Za-z0-9_]*=.*|-.*)$`)

	shellText    = regexp.MustCompile(`^-[a-zA-Z]*c`)        // the flag before a script
	languageText = regexp.MustCompile(`^-[a-zA-Z]*[cemnpr]`) // or a module
	executable   = regexp.MustCompile(`^([ugoa]*[+=][rwst]*x|0?[0-7]*[1357][0-7]{0,2}$)`)

	// within matches a download in a substitution.
	within = regexp.MustCompile(`(?s)[$<(]\(?\s*((?:sudo\s+)?\S*(?:curl|wget|wget2|aria2c|fetch)\s.*)\)`)
)

// search follows what was downloaded through a script.
type search struct{ files []string }

// maxDepth is how deeply scripts may be nested in scripts.
const maxDepth = 8

func (s *search) script(text string, depth int) string {
	if depth > maxDepth {
		return ""
	}
	for _, line := range pipelines(text) {
		if by := s.pipeline(line, depth); by != "" {
			return by
		}
	}
	return ""
}

func (s *search) pipeline(line pipeline, depth int) string {
	downloading := false
	for _, words := range line {
		program, args := words.program()
		for _, word := range words { // subshells, and the scripts of sh -c
			if nested := strings.TrimLeft(word, "$<("); nested != word || shells.MatchString(program) && strings.ContainsAny(word, " \n") {
				if by := s.script(strings.TrimSuffix(nested, ")"), depth+1); by != "" {
					return by
				}
			}
		}
		switch {
		case verifies.MatchString(program):
			s.files = nil
		case downloading && readsProgram(program, args), runsSubstitution(program, args):
			return program
		case s.uses(program, args):
			return program
		}
		downloading = downloading || fetchers.MatchString(program)
		if downloading {
			s.files = append(s.files, outputs(program, args)...)
		}
	}
	return ""
}

// program returns the program of a command and its arguments.
func (c command) program() (string, []string) {
	for i, word := range c {
		if !wrappers.MatchString(word) {
			return strings.Trim(word, "(){}"), c[i+1:]
		}
	}
	return "", nil
}

// readsProgram reports whether a program runs its standard input.
func readsProgram(program string, args []string) bool {
	if !shells.MatchString(program) && !languages.MatchString(program) {
		return false
	}
	for _, arg := range args {
		switch {
		case arg == "-" || arg == "/dev/stdin" || arg == "/dev/fd/0" || arg == "-s" || arg == "--":
			return true
		case shells.MatchString(arg): // busybox sh, exec bash
		case strings.HasPrefix(arg, "-"):
			if shells.MatchString(program) && shellText.MatchString(arg) || languages.MatchString(program) && languageText.MatchString(arg) {
				return false // the program is an argument
			}
		default:
			return false // the program is a file
		}
	}
	return true
}

// runsSubstitution reports whether a program runs the output of a download that is
// written as an argument: sh -c "$(curl …)", bash <(curl …).
func runsSubstitution(program string, args []string) bool {
	return (shells.MatchString(program) || languages.MatchString(program)) && slices.ContainsFunc(args, func(arg string) bool {
		return within.MatchString(arg)
	})
}

// uses reports whether a command runs, installs or makes executable a file that was
// downloaded.
func (s *search) uses(program string, args []string) bool {
	if s.has(program) {
		return true
	}
	switch {
	case path.Base(program) == "chmod":
		return slices.ContainsFunc(args, executable.MatchString) && slices.ContainsFunc(args, s.has)
	case shells.MatchString(program), languages.MatchString(program), installs.MatchString(program):
		return slices.ContainsFunc(args, s.has)
	}
	return false
}

// has reports whether a file was downloaded. Folders are compared only if both
// names have one.
func (s *search) has(name string) bool {
	return slices.ContainsFunc(s.files, func(file string) bool {
		if path.IsAbs(file) && path.IsAbs(name) {
			return path.Clean(file) == path.Clean(name)
		}
		return name != "" && path.Base(file) == path.Base(name)
	})
}

var (
	outputFlag = regexp.MustCompile(`^(?:-[a-zA-Z]*o|--output|--output-document|--out|--dir)(?:=(.+))?$`)
	remoteName = regexp.MustCompile(`^(?:-[a-zA-Z]*O|--remote-name)$`)
	address    = regexp.MustCompile(`^[a-z]+://[^?#]*`)
)

// outputs returns the files that a command of a download writes.
func outputs(program string, args []string) []string {
	var files []string
	wget, named := strings.HasPrefix(path.Base(program), "wget"), false
	for i, arg := range args {
		next := ""
		if i+1 < len(args) {
			next = args[i+1]
		}
		switch found := outputFlag.FindStringSubmatch(arg); {
		case found != nil && found[1] != "":
			files, named = append(files, found[1]), true
		case found != nil && !wget, wget && (remoteName.MatchString(arg) || arg == "--output-document"), strings.HasSuffix(arg, ">"):
			files, named = append(files, next), true
		case path.Base(program) == "tee" && !strings.HasPrefix(arg, "-"):
			files = append(files, arg)
		case strings.Contains(arg, ">") && !strings.Contains(arg, "&"):
			files, named = append(files, arg[strings.LastIndex(arg, ">")+1:]), true
		}
	}
	if !named && (wget || slices.ContainsFunc(args, remoteName.MatchString)) {
		for _, arg := range args {
			if url := address.FindString(arg); url != "" {
				files = append(files, path.Base(url))
			}
		}
	}
	return slices.DeleteFunc(files, func(file string) bool { return file == "" || file == "-" || file == "/dev/null" })
}
