package script

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"example.com/rates/security/finding"
)

var (
	fetchers = regexp.MustCompile(`^(curl|wget2?|aria2c|axel|fetch|lynx|w3m|lwp-request|lwp-download|https?|xhs?|ncat|nc|netcat)$`)
	digests  = regexp.MustCompile(`^((sha(1|224|256|384|512)?|b2|md5)sum|shasum|Get-FileHash)$`)
	relays   = regexp.MustCompile(`^(cat|tac|head|tail|sed|awk|tr|tee|cut|envsubst|base64|base32|xxd|rev|gunzip|zcat|gzip|xz|xzcat|bunzip2|bzcat|zstd|zstdcat)$`)
)

// downloads is what was fetched so far.
type downloads struct {
	files     []string
	variables []string
}

func (d downloads) clone() downloads {
	return downloads{slices.Clone(d.files), slices.Clone(d.variables)}
}

func (d *downloads) saves(files []string) {
	for _, file := range files {
		if file != "" && file != "-" && !strings.HasPrefix(file, "/dev/") {
			d.files = append(d.files, file)
		}
	}
}

// has reports whether a file was fetched. Folders are compared only if both names
// are absolute.
func (d *downloads) has(name string) bool {
	return name != "" && slices.ContainsFunc(d.files, func(file string) bool {
		if path.IsAbs(file) && path.IsAbs(name) {
			return path.Clean(file) == path.Clean(name)
		}
		return path.Base(file) == path.Base(name)
	})
}

// remote follows what a command fetches, and finds where it is run.
func (r *reader) remote(c command, f flow) {
	switch {
	case c.program == "":
		return
	case verifies(c, f):
		r.downloads = downloads{}
	case r.runs(c, f):
		r.fetchedAndRun(c.program, c.line)
	}
	if fetcher(c) || f.stdin {
		r.saves(append(saved(c), c.outputs...))
	}
	if texts := c.texts(); len(texts) > 0 {
		for _, file := range append(saved(c), c.outputs...) {
			r.drafts[path.Base(file)] = strings.Join(texts, "\n")
		}
	}
	r.moves(c)
	r.reads(c, f)
	r.enters(c, f)
}

func (r *reader) fetchedAndRun(by string, line int) {
	r.add(Fault{
		Rule: Remote, Severity: finding.High, Line: line,
		Message: fmt.Sprintf("What is fetched is run unseen, by %s; whoever controls the address controls what happens here.", by),
		Help:    "Pin what is fetched: an action by commit, a package by checksum, a file by sha256sum --check.",
	})
}

// texts returns what a command writes that is written out in it.
func (c command) texts() []string {
	switch c.program {
	case "cat", "tee":
		return c.here
	case "echo", "printf":
		return []string{strings.Join(c.args, " ")}
	}
	return nil
}

// verifies reports whether a command compares something with a digest or checks a
// signature. A digest that is only printed compares nothing.
func verifies(c command, f flow) bool {
	has := func(words ...string) bool {
		return slices.ContainsFunc(c.args, func(arg string) bool { return slices.Contains(words, arg) })
	}
	switch {
	case digests.MatchString(c.program):
		checks := slices.ContainsFunc(c.args, func(arg string) bool { return shellText.MatchString(arg) || arg == "--check" })
		return checks || f.captured || len(f.later) > 0 || len(c.outputs) > 0 || c.program == "Get-FileHash"
	case c.program == "gpg", c.program == "gpg2":
		return has("--verify", "--decrypt", "-d")
	case c.program == "cosign", c.program == "gh":
		return has("verify", "verify-blob", "verify-attestation", "verify-blob-attestation")
	case c.program == "openssl":
		return has("dgst", "cms", "smime", "pkeyutl")
	case c.program == "rpm":
		return has("-K", "--checksig")
	}
	return slices.Contains([]string{"gpgv", "minisign", "signify", "slsa-verifier"}, c.program)
}

func fetcher(c command) bool {
	if c.program == "gh" && len(c.args) > 1 {
		return c.args[0] == "api" || c.args[0] == "release" && c.args[1] == "download"
	}
	return fetchers.MatchString(c.program)
}

// fetches reports whether the output of commands may hold what was fetched.
func (r *reader) fetches(node syntax.Node) bool {
	found := false
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			c := r.command(n)
			found = found || fetcher(c) || relays.MatchString(c.program) && slices.ContainsFunc(c.args, r.has)
			if !found {
				r.follow(c.program, func(body *syntax.Stmt) { found = r.fetches(body) })
			}
		case *syntax.Redirect:
			found = found || n.Word != nil && n.Op == syntax.RdrIn && r.has(r.value(n.Word.Parts))
		case *syntax.ParamExp:
			found = found || n.Param != nil && slices.Contains(r.variables, n.Param.Value)
		}
		return !found
	})
	return found
}

// fetched reports whether a word holds what was fetched.
func (r *reader) fetched(w *syntax.Word) bool { return w != nil && r.fetches(w) }

// moves notes the new names of files that were fetched.
func (r *reader) moves(c command) {
	if !slices.Contains([]string{"mv", "cp", "ln", "install"}, c.program) || len(c.args) < 2 {
		return
	}
	last := len(c.args) - 1
	for _, from := range c.args[:last] {
		if r.has(from) {
			r.saves([]string{c.args[last], path.Join(c.args[last], path.Base(from))})
		}
	}
}

// reads notes the variables that a command sets to what was fetched.
func (r *reader) reads(c command, f flow) {
	if c.program != "read" && c.program != "mapfile" && c.program != "readarray" {
		return
	}
	if f.stdin || slices.ContainsFunc(c.inputs, r.fetched) {
		r.variables = append(r.variables, c.args...)
	}
}

var (
	outputFlag = regexp.MustCompile(`^(?:-[a-zA-Z]*o|--output|--output-document|--out|--dir|--pattern)(?:=(.+))?$`)
	attached   = regexp.MustCompile(`^-[a-zA-Z]*?o(.+)$`)
	wgetOutput = regexp.MustCompile(`^-[a-zA-Z]*O(.*)$`)
	remoteName = regexp.MustCompile(`^(?:-[a-zA-Z]*O[a-zA-Z]*|--remote-name(?:-all)?)$`)
	address    = regexp.MustCompile(`^[a-z]+://[^?#]*`)
)

// saved returns the files that a command writes what it fetches to.
func saved(c command) []string {
	if c.program == "tee" || c.program == "sponge" {
		return slices.DeleteFunc(slices.Clone(c.args), func(arg string) bool { return strings.HasPrefix(arg, "-") })
	}
	var files []string
	wget, named := strings.HasPrefix(c.program, "wget"), len(c.outputs) > 0
	for i, arg := range c.args {
		next := ""
		if i+1 < len(c.args) {
			next = c.args[i+1]
		}
		found, document := outputFlag.FindStringSubmatch(arg), wgetOutput.FindStringSubmatch(arg)
		switch {
		case found != nil && found[1] != "":
			files, named = append(files, found[1]), true
		case !wget && attached.MatchString(arg) && found == nil && !remoteName.MatchString(arg):
			files, named = append(files, attached.FindStringSubmatch(arg)[1]), true
		case wget && document != nil && document[1] != "":
			files, named = append(files, document[1]), true
		case found != nil && (!wget || arg == "--output-document"), wget && document != nil, c.program == "gh" && (arg == "-p" || arg == "-O"):
			files, named = append(files, next), true
		}
	}
	if !named && (wget || c.program == "aria2c" || c.program == "axel" || slices.ContainsFunc(c.args, remoteName.MatchString)) {
		for _, arg := range c.args {
			if url := address.FindString(arg); url != "" {
				files = append(files, path.Base(url))
			}
		}
	}
	return files
}
