package gitleaks

import (
	"context"
	"errors"
	"slices"
	"strings"

	"example.com/rates/security/git"
	"example.com/rates/security/scanner"
)

// past is the history of the repository: all that can be reached from its
// branches, tags, notes and stashes.
type past struct {
	scan    *scanner.Scan
	program string
	repo    git.Repository
	sizes   map[string]int        // of the objects, in bytes
	places  map[string][]git.File // of each blob
	git.History
}

// readHistory lists the history and reads all except the contents of files. The
// error is a *scanner.Error: a shallow clone, for example, lacks most of it.
func readHistory(ctx context.Context, s *scanner.Scan) (*past, error) {
	program, err := git.Program()
	if err != nil {
		return nil, scanner.Errorf(scanner.ToolMissing, "%w", err)
	}
	p := &past{scan: s, program: program, repo: git.Repository{Root: s.Job.Tree.Repository}, sizes: map[string]int{}, places: map[string][]git.File{}}
	if err := p.refuseShallow(ctx); err != nil {
		return nil, err
	}
	stashes, err := p.git(ctx, "stashes", "", "rev-list", "--walk-reflogs", "--ignore-missing", "refs/stash", "--")
	if err != nil {
		return nil, err
	}
	args := slices.Concat([]string{"rev-list", "--objects", "--no-object-names", "--topo-order", "--all", "HEAD"}, strings.Fields(string(stashes)), []string{"--"})
	out, err := p.git(ctx, "objects", "", args...)
	if err != nil {
		return nil, err
	}
	ids, err := git.ReadIDs(out)
	if err != nil {
		return nil, scanner.Errorf(scanner.BadOutput, "%w", err)
	}
	links, err := p.links(ctx, ids)
	if err != nil {
		return nil, err
	}
	if p.History, err = git.ReadHistory(ids, links); err != nil {
		return nil, scanner.Errorf(scanner.BadOutput, "the history is not complete: %w", err)
	}
	return p, nil
}

func (p *past) refuseShallow(ctx context.Context) error {
	out, err := p.git(ctx, "shallow", "", "rev-parse", "--is-shallow-repository")
	if err != nil {
		return err
	}
	switch string(out) {
	case "false\n":
		return nil
	case "true\n":
		return scanner.Errorf(scanner.ShallowHistory, "this is a shallow clone, without the commits that may hold secrets; run: git fetch --unshallow")
	default:
		return scanner.Errorf(scanner.BadOutput, "git rev-parse did not say whether this is a shallow clone, but %s", scanner.Describe(out))
	}
}

// links reads the commits, tags and trees among the objects.
func (p *past) links(ctx context.Context, ids []string) ([]git.Object, error) {
	out, err := p.git(ctx, "headers", strings.Join(ids, "\n")+"\n", "cat-file", "--batch-check")
	if err != nil {
		return nil, err
	}
	headers, err := git.ReadHeaders(out, ids)
	if err != nil {
		return nil, scanner.Errorf(scanner.BadOutput, "%w", err)
	}
	var links []string
	for _, o := range headers {
		p.sizes[o.ID] = o.Size
		if o.Type != "blob" {
			links = append(links, o.ID)
		}
	}
	var all []git.Object
	err = p.read(ctx, "links", links, func(o git.Object) error {
		all = append(all, o)
		return nil
	})
	return all, err
}

// read reads objects in their order, some at a time, so that not all of them need
// to be in memory.
func (p *past) read(ctx context.Context, step string, ids []string, each func(git.Object) error) error {
	const most = 64 << 20 // bytes
	for len(ids) > 0 {
		n, size := 0, 0
		for n == 0 || n < len(ids) && size+p.sizes[ids[n]] <= most {
			size += p.sizes[ids[n]]
			n++
		}
		out, err := p.git(ctx, step, strings.Join(ids[:n], "\n")+"\n", "cat-file", "--batch")
		if err != nil {
			return err
		}
		objects, err := git.ReadObjects(out, ids[:n])
		if err != nil {
			return scanner.Errorf(scanner.BadOutput, "%w", err)
		}
		for _, o := range objects {
			if err := each(o); err != nil {
				return err
			}
		}
		ids = ids[n:]
	}
	return nil
}

// git runs git on the repository, in a folder named after the step. If it fails,
// the error says that the history cannot be read.
func (p *past) git(ctx context.Context, step, input string, args ...string) ([]byte, error) {
	dir, err := p.scan.Folder(step)
	if err != nil {
		return nil, err
	}
	out, err := p.scan.Run(ctx, scanner.Command{Path: p.program, Args: args, Dir: dir, Env: p.repo.Env(), Input: input})
	if e, ok := errors.AsType[*scanner.Error](err); ok && e.Kind == scanner.ToolFailed {
		return nil, scanner.Errorf(scanner.InputUnavailable, "the history cannot be read: %w", err)
	}
	return out.Stdout, err
}

// addTo adds all messages and contents to a corpus, oldest first. It looks for the
// secrets of the tree, whose lines are examined already.
func (p *past) addTo(ctx context.Context, c *corpus, secrets *origins) error {
	for _, m := range p.Messages {
		if _, err := c.add(origin{commit: m.ID, tag: m.Type == "tag"}, m.Content); err != nil {
			return err
		}
	}
	var ids []string
	for _, f := range p.Files {
		if len(p.places[f.ID]) == 0 {
			ids = append(ids, f.ID)
		}
		p.places[f.ID] = append(p.places[f.ID], f)
	}
	return p.read(ctx, "contents", ids, func(o git.Object) error {
		examined := map[kind]bool{}
		for _, f := range p.places[o.ID] {
			if examined[kindOf(f.Path)] {
				continue
			}
			examined[kindOf(f.Path)] = true
			texts, err := c.add(origin{path: f.Path, commit: f.Commit, blob: o.ID}, o.Content)
			if err != nil {
				return err
			}
			for _, text := range texts {
				secrets.look(p.places[o.ID], text)
			}
		}
		return nil
	})
}

// everywhere returns the hits, with those in the same content at other places.
func (p *past) everywhere(hits []hit) []hit {
	var all []hit
	for _, h := range hits {
		if h.blob == "" {
			all = append(all, h)
		}
		for _, f := range p.places[h.blob] {
			if kindOf(f.Path) == kindOf(h.path) {
				h.path, h.commit = f.Path, f.Commit
				all = append(all, h)
			}
		}
	}
	return all
}
