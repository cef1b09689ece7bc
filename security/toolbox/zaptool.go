package toolbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"example.com/rates/security/scanner"
)

// zapPin is the file that pins ZAP: its version, and the image that has it.
const zapPin = "zap.txt"

// ErrAbsent means that the machine lacks a program that the toolbox cannot install.
var ErrAbsent = errors.New("this machine does not have it")

// zapTool is OWASP ZAP, which needs Java: a release on the machine, else a
// container. Its program is a script that starts the daemon.
type zapTool struct {
	pinned, image string
	release       string // folder of a release of the pinned version, "" if there is none
	java          string // path of java for a release, "" if it is not there
	docker        string // path of docker, "" if it is not there
}

// byDigest is an image that can be only one.
var byDigest = regexp.MustCompile(`^[a-z0-9][a-z0-9./_-]*(:[A-Za-z0-9._-]+)?@sha256:[0-9a-f]{64}$`)

func pinZAP(name, dir string) (Pin, error) {
	text, err := lines(dir, zapPin)
	if err != nil {
		return Pin{}, err
	}
	if len(text) != 2 { //nolint:mnd // the version and the image
		return Pin{}, fmt.Errorf("%s must have two lines: the version and the image", filepath.Join(dir, zapPin))
	}
	tool := &zapTool{pinned: text[0], image: text[1]}
	if !byDigest.MatchString(tool.image) {
		return Pin{}, fmt.Errorf("%s: the image %s has a tag that can move; add its digest, NAME@sha256:…, as docker pull prints it", filepath.Join(dir, zapPin), tool.image)
	}
	if tool.release, err = zapRelease(tool.pinned); err != nil {
		return Pin{}, err
	}
	if tool.release == "" {
		tool.docker, _ = exec.LookPath("docker") // into says so if it is missing
	} else {
		tool.java, _ = exec.LookPath("java") // ZAP says so if it is missing
	}
	sum, err := digest(dir, zapPin)
	if err != nil {
		return Pin{}, err
	}
	// A release and a container are different tools of the same version.
	script := sha256.Sum256([]byte(tool.script()))
	return Pin{Tool: name, Version: tool.pinned, digest: sum + shortened(script[:]), install: tool}, nil
}

// zapRelease returns the folder of the release of ZAP to use: ZAP_HOME, which must
// be of the version, or that of zap.sh on the PATH if it is.
func zapRelease(version string) (string, error) {
	if home := os.Getenv("ZAP_HOME"); home != "" {
		if !isRelease(home, version) {
			return "", fmt.Errorf("ZAP_HOME is %s, which does not hold zap.sh and zap-%s.jar", home, version)
		}
		return filepath.Abs(home)
	}
	script, err := exec.LookPath("zap.sh")
	if err != nil {
		return "", nil //nolint:nilerr // it is not there
	}
	if script, err = filepath.EvalSymlinks(script); err != nil {
		return "", err
	}
	if home := filepath.Dir(script); isRelease(home, version) {
		return filepath.Abs(home)
	}
	return "", nil
}

// isRelease reports whether a folder holds a release of the version.
func isRelease(home, version string) bool {
	for _, name := range []string{"zap.sh", "zap-" + version + ".jar"} {
		info, err := os.Stat(filepath.Join(home, name)) // #nosec G703 -- the user names the folder
		if err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// startZAP starts the daemon $0 with further arguments. The first line of standard
// input is the API key, which so is in no list of processes; the daemon ends with
// standard input.
const startZAP = `umask 077
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
IFS= read -r key
echo "api.key=$key" >"$dir/key"
exec 3<&0
"$0" -daemon -silent -dir "$dir/home" -configfile "$dir/key" "$@" &
zap=$!
{ cat <&3; kill "$zap"; } >/dev/null 2>&1 &
wait "$zap"
`

// script returns the program that starts ZAP, "" if the machine has none.
func (t *zapTool) script() string {
	switch {
	case t.release != "":
		return "#!/bin/sh\n" + t.path() + "exec sh -c " + scanner.Quoted(startZAP) + " " + scanner.Quoted(filepath.Join(t.release, "zap.sh")) + ` "$@"` + "\n"
	case t.docker != "":
		return "#!/bin/sh\nexec " + scanner.Quoted(t.docker) + " run --rm --interactive --network host --entrypoint sh " + scanner.Quoted(t.image) +
			" -c " + scanner.Quoted(startZAP) + ` zap.sh "$@"` + "\n"
	default:
		return ""
	}
}

// path makes the release run the Java that was found at its installation.
func (t *zapTool) path() string {
	if t.java == "" {
		return ""
	}
	return "PATH=" + scanner.Quoted(filepath.Dir(t.java)) + ":$PATH\n"
}

// into writes the script, and pulls the image if it is for a container.
func (t *zapTool) into(ctx context.Context, dir string) error {
	const help = "set ZAP_URL and ZAP_KEY for a ZAP that runs already, or ZAP_HOME to its folder, or install Docker"
	if t.script() == "" {
		return fmt.Errorf("%w: %s", ErrAbsent, help)
	}
	if t.docker != "" {
		if err := run(ctx, dir, os.Environ(), t.docker, "pull", "--quiet", t.image); err != nil {
			return fmt.Errorf("%w, and its image cannot be had: %s (%w)", ErrAbsent, help, err)
		}
	}
	return os.WriteFile(filepath.Join(dir, "bin", "zap"), []byte(t.script()), 0o700) // #nosec G306 -- it must be a program
}

// version returns the pinned version if the program is the script that starts it.
// The daemon itself reports its version too, which the gate compares.
func (t *zapTool) version(_ context.Context, dir string) (string, error) {
	script, err := read(filepath.Join(dir, "bin"), "zap")
	if err != nil {
		return "", err
	}
	if t.script() == "" || string(script) != t.script() {
		return "", errors.New("it is not the script that starts the pinned ZAP")
	}
	return t.pinned, nil
}

// outside lists the release with its add-ons, and what runs it.
func (t *zapTool) outside(context.Context, string) ([]string, error) {
	if t.release == "" {
		return []string{t.docker}, nil // which itself holds the image against its digest
	}
	if t.java == "" {
		return []string{t.release}, nil
	}
	java, err := filepath.EvalSymlinks(t.java)
	if err != nil {
		return nil, err
	}
	return []string{t.release, t.java, filepath.Join(filepath.Dir(filepath.Dir(java)), "lib")}, nil
}
