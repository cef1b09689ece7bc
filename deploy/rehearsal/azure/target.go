package azure

import "strings"

// target is what the path of a request to ARM names.
type target struct {
	id     string // as it was written
	kind   string // the type, in small letters, as in microsoft.app/jobs
	name   string
	parent string // the name before the last type, "" for a type of the first level
	// last is a segment without a name: a collection, an action, or a document that
	// there is once.
	last string
}

// The kinds of what belongs to no provider.
const (
	subscriptionKind = "subscriptions"
	groupKind        = "resourcegroups"
)

// parse takes a path apart: what follows its last "providers" are pairs of a type and
// a name.
func parse(path string) target {
	t := target{id: strings.TrimSuffix(path, "/")}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	pairs, kind := segments, ""
	for i, segment := range segments {
		if strings.EqualFold(segment, "providers") && i+1 < len(segments) {
			pairs, kind = segments[i+2:], segments[i+1]
		}
	}
	for len(pairs) > 1 {
		if kind == "" || strings.EqualFold(kind, subscriptionKind) {
			kind = pairs[0]
		} else {
			kind += "/" + pairs[0]
		}
		t.parent, t.name = t.name, pairs[1]
		pairs = pairs[2:]
	}
	if len(pairs) == 1 {
		t.last = strings.ToLower(pairs[0])
		t.id = strings.TrimSuffix(t.id, "/"+pairs[0])
	}
	t.kind = strings.ToLower(kind)
	return t
}

// key is by what a document is kept: ARM takes ids in any case.
func (t target) key() string { return strings.ToLower(t.id) }

// scope returns what an extension resource belongs to.
func scope(id string) string {
	at := strings.LastIndex(strings.ToLower(id), "/providers/")
	if at < 0 {
		return ""
	}
	return id[:at]
}

// subscription returns the id that a path begins with, such as /subscriptions/ID.
func (t target) subscription() string {
	segments := strings.SplitN(strings.Trim(t.id, "/"), "/", 3)
	return "/" + strings.Join(segments[:min(2, len(segments))], "/")
}

// below reports whether key lies below another, or is the same.
func below(key, other string) bool { return strings.HasPrefix(key+"/", other+"/") }

// isChild reports whether key is a document of a collection.
func isChild(key, collection string) bool {
	rest, ok := strings.CutPrefix(key, collection+"/")
	return ok && !strings.Contains(rest, "/")
}
