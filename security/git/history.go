package git

import (
	"fmt"
	"path"
	"slices"
)

// History is all that the commits of a repository hold, oldest first.
type History struct {
	Commits  int
	Messages []Object // commits and tags, with names and messages
	Files    []File
}

// File is a content at a path, and the commit in which it first appeared there.
type File struct {
	ID     string // of the blob
	Path   string // "" if no commit has it, which a tag on a blob can do
	Commit string
}

// ReadHistory follows the links of commits, tags and trees. listed are the ids
// of all objects, newest commit first. others are those of them that are no
// blobs. The error says which object another one needs and the list lacks: then
// the history is incomplete.
func ReadHistory(listed []string, others []Object) (History, error) {
	w := &walk{objects: map[string]Object{}, listed: map[string]bool{}, seen: map[[2]string]bool{}, placed: map[string]bool{}}
	for _, id := range listed {
		w.listed[id] = true
	}
	for _, o := range others {
		w.objects[o.ID] = o
	}
	for _, o := range slices.Backward(others) {
		if err := w.object(o); err != nil {
			return History{}, err
		}
	}
	for _, id := range listed {
		if o := w.objects[id]; o.ID == "" && !w.placed[id] {
			w.found.Files = append(w.found.Files, File{ID: id})
		}
	}
	return w.found, nil
}

type walk struct {
	objects map[string]Object
	listed  map[string]bool
	seen    map[[2]string]bool // tree or blob, and path
	placed  map[string]bool    // blobs
	found   History
}

func (w *walk) object(o Object) error {
	if o.Type == "tree" {
		return w.complete(o)
	}
	for _, id := range o.links() {
		if !w.listed[id] {
			return missing(id, o.ID)
		}
	}
	w.found.Messages = append(w.found.Messages, o)
	if o.Type != "commit" {
		return nil
	}
	w.found.Commits++
	links := o.links()
	if len(links) == 0 {
		return fmt.Errorf("commit %s has no tree", o.ID)
	}
	return w.tree(links[0], "", o.ID)
}

// complete checks the entries of a tree, which no commit may have.
func (w *walk) complete(tree Object) error {
	entries, err := tree.entries()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.foreign && !w.listed[e.id] {
			return missing(e.id, tree.ID)
		}
	}
	return nil
}

// tree adds the files of a tree that are new at their paths.
func (w *walk) tree(id, folder, commit string) error {
	if w.seen[[2]string{id, folder}] {
		return nil
	}
	w.seen[[2]string{id, folder}] = true
	tree := w.objects[id]
	if tree.Type != "tree" {
		return missing(id, commit)
	}
	entries, err := tree.entries()
	if err != nil {
		return err
	}
	for _, e := range entries {
		at := path.Join(folder, e.name)
		switch {
		case e.foreign:
		case e.folder:
			if err := w.tree(e.id, at, commit); err != nil {
				return err
			}
		case !w.seen[[2]string{e.id, at}]:
			w.seen[[2]string{e.id, at}], w.placed[e.id] = true, true
			w.found.Files = append(w.found.Files, File{ID: e.id, Path: at, Commit: commit})
		}
	}
	return nil
}

func missing(id, by string) error {
	return fmt.Errorf("git did not list object %s, which %s needs", id, by)
}
