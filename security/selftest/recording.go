package selftest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/rates/security/scanner"
)

// call is a command that a gate ran, with its outcome.
type call struct {
	key   string
	out   scanner.Output
	err   error
	files map[string][]byte // written into the scratch folder, by their path in it
}

// recording holds the outcomes of a scan's commands. A player can replay it, damaged
// on purpose, without the tool.
type recording struct {
	scratch string

	mu    sync.Mutex
	tools []string // that the gate requested
	calls []call
}

// keyOf identifies a command.
func keyOf(cmd scanner.Command) string {
	return strings.Join(slices.Concat([]string{cmd.Dir, cmd.Path, cmd.Input}, cmd.Args, cmd.Env), "\x00")
}

// tool returns a finder that records the requested tools.
func (r *recording) tool(find toolFinder) toolFinder {
	return func(ctx context.Context, name string) (scanner.Tool, error) {
		r.mu.Lock()
		if !slices.Contains(r.tools, name) {
			r.tools = append(r.tools, name)
		}
		r.mu.Unlock()
		return find(ctx, name)
	}
}

// run runs a command and records its outcome.
func (r *recording) run(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
	before := stamps(r.scratch)
	out, err := scanner.Run(ctx, cmd)
	c := call{key: keyOf(cmd), out: out, err: err, files: map[string][]byte{}}
	for path, stamp := range stamps(r.scratch) {
		if before[path] == stamp {
			continue
		}
		content, readErr := fs.ReadFile(os.DirFS(r.scratch), path)
		if readErr != nil {
			return scanner.Output{}, fmt.Errorf("record what %s wrote: %w", filepath.Base(cmd.Path), readErr)
		}
		c.files[path] = content
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
	return out, err
}

type stamp struct {
	size    int64
	changed time.Time
}

// stamps returns the stamps of the files below a folder.
func stamps(dir string) map[string]stamp {
	found := map[string]stamp{}
	_ = fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			// Other commands may remove theirs at the same time.
			if info, err := entry.Info(); err == nil {
				found[path] = stamp{info.Size(), info.ModTime()}
			}
		}
		return nil
	})
	return found
}

// errNotRecorded means that a gate runs other commands when it runs again.
var errNotRecorded = errors.New("the gate ran a command that is not in the recording, so it cannot be replayed")

// player replays a recording. damage gets each call and its index in the recording
// and returns what the gate gets.
type player struct {
	recording *recording
	damage    func(ctx context.Context, i int, c call) (scanner.Output, error)

	mu     sync.Mutex
	played map[int]bool
}

// run is a scanner.Job's Run.
func (p *player) run(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
	i := p.next(keyOf(cmd))
	if i < 0 {
		return scanner.Output{}, fmt.Errorf("%s: %w", cmd, errNotRecorded)
	}
	return p.damage(ctx, i, p.recording.calls[i])
}

func (p *player) next(key string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.played == nil {
		p.played = map[int]bool{}
	}
	for i, c := range p.recording.calls {
		if c.key == key && !p.played[i] {
			p.played[i] = true
			return i
		}
	}
	return -1
}

// write writes the files of a call.
func (c call) write(scratch string) error {
	if len(c.files) == 0 {
		return nil
	}
	root, err := os.OpenRoot(scratch)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // the files are closed already
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		if err := root.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			return err
		}
		if err := root.WriteFile(name, c.files[name], 0o600); err != nil {
			return err
		}
	}
	return nil
}

// whole returns a call undamaged.
func (r *recording) whole(_ context.Context, _ int, c call) (scanner.Output, error) {
	if err := c.write(r.scratch); err != nil {
		return scanner.Output{}, err
	}
	return c.out, c.err
}
