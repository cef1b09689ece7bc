package azure

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// serveARM answers for documents. A type that has no rule is a fault: nothing here may
// pass because nobody knew better.
func (c *Cloud) serveARM(w http.ResponseWriter, r *http.Request, body []byte) {
	t := parse(r.URL.Path)
	if r.Method == http.MethodGet {
		c.await(r.Context(), t.key()) // an execution of a job
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.last != "" {
		c.serveLast(w, r, t, body)
		return
	}
	rule, known := c.rules[t.kind]
	if !known {
		c.unknown(w, r)
		return
	}
	c.evidence.requests[r.Method+" "+rule.name]++
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		c.read(w, t, rule)
	case http.MethodPut, http.MethodPatch:
		c.write(w, r.Method, t, rule, body)
	case http.MethodDelete:
		c.remove(w, t, rule)
	default:
		c.unknown(w, r)
	}
}

// unknown answers what there is no rule for.
func (c *Cloud) unknown(w http.ResponseWriter, r *http.Request) {
	c.note("%s %s: there is no rule for that", r.Method, r.URL.Path)
	refuse(w, http.StatusNotImplemented, "NotRehearsed", "There is no rule for %s %s.", r.Method, r.URL.Path)
}

// serveLast answers for what has no name: what the type says, or a collection.
func (c *Cloud) serveLast(w http.ResponseWriter, r *http.Request, t target, body []byte) {
	rule := c.rules[t.kind]
	answer, name := rule.answers[r.Method+" "+t.last], rule.name+"/"+t.last
	if collection, ok := c.rules[t.kind+"/"+t.last]; answer == nil && ok && r.Method == http.MethodGet {
		answer, name = collection.list, collection.name
		if answer == nil {
			answer = documentsOf
		}
	}
	if answer == nil {
		c.unknown(w, r)
		return
	}
	c.evidence.requests[r.Method+" "+name]++
	value, err := answer(c, request{target: t, filter: r.URL.Query().Get("$filter"), body: body})
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest, "BadRequest", "%v", err)
	case value == nil:
		c.begin(w, asyncOperation, nil)
		w.WriteHeader(http.StatusAccepted)
	default:
		reply(w, http.StatusOK, value)
	}
}

// documentsOf lists the documents of a collection.
func documentsOf(c *Cloud, r request) (any, error) {
	return map[string]any{"value": c.list(r.key() + "/" + r.last)}, nil
}

// list returns the documents of a collection.
func (c *Cloud) list(collection string) []document {
	items := []document{}
	for _, key := range slices.Sorted(maps.Keys(c.documents)) {
		if isChild(key, collection) {
			items = append(items, c.documents[key])
		}
	}
	return items
}

func (c *Cloud) read(w http.ResponseWriter, t target, rule rule) {
	d := c.documents[t.key()]
	if d == nil && rule.missing != nil {
		d = rule.missing(c, t)
	}
	if d == nil {
		code := "ResourceNotFound"
		if t.kind == groupKind {
			code = "ResourceGroupNotFound"
		}
		refuse(w, http.StatusNotFound, code, "%s was not found.", t.id)
		return
	}
	if rule.view != nil {
		d = rule.view(c, t, d)
	}
	reply(w, http.StatusOK, d)
}

// own is what a document has that no client says, such as the images of a registry.
const own = "rehearsal"

const asyncOperation = "Azure-AsyncOperation"

func (c *Cloud) write(w http.ResponseWriter, method string, t target, rule rule, body []byte) {
	var said document
	if err := json.Unmarshal(body, &said); err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequestContent", "%v", err)
		return
	}
	if code, why := c.dangling(t, said); why != "" {
		refuse(w, http.StatusBadRequest, code, "%s", why)
		return
	}
	d, status := c.documents[t.key()], http.StatusOK
	made := d == nil
	if method == http.MethodPut || made {
		d = document{own: d[own]}
	}
	d = d.clone()
	d.merge(said)
	if rule.refuse != nil {
		if code, why := rule.refuse(c, t, d); why != "" {
			refuse(w, http.StatusBadRequest, code, "%s", why)
			return
		}
	}
	if made {
		c.evidence.created[rule.name]++
	}
	d["id"], d["name"], d["type"] = t.id, t.name, rule.name
	d.properties()["provisioningState"] = "Succeeded"
	if rule.compute != nil {
		rule.compute(c, t, d)
	}
	c.documents[t.key()] = d
	if rule.status != 0 {
		status = rule.status
	}
	if t.kind != groupKind {
		var run func(context.Context) error
		if put := c.effects[t.kind].put; put != nil {
			same := d.clone()
			run = func(ctx context.Context) error { return put(ctx, same) }
		}
		c.begin(w, asyncOperation, run)
	}
	reply(w, status, d)
}

func (c *Cloud) remove(w http.ResponseWriter, t target, rule rule) {
	d := c.documents[t.key()]
	if d == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if lock := c.lockOf(t); lock != "" {
		refuse(w, http.StatusConflict, "ScopeLocked", "The scope %s cannot perform delete operation because following scope(s) are locked: %s.", t.id, lock)
		return
	}
	if user := c.userOf(t.key()); user != "" && !rule.loose {
		c.note("DELETE %s: %s still uses it", t.id, user)
		refuse(w, http.StatusConflict, "InUse", "%s cannot be deleted: %s still uses it.", t.id, user)
		return
	}
	maps.DeleteFunc(c.documents, func(key string, _ document) bool { return below(key, t.key()) })
	remove := c.effects[t.kind].remove
	switch {
	case t.kind == groupKind:
		c.begin(w, "Location", nil)
		w.WriteHeader(http.StatusAccepted)
	case remove != nil:
		c.begin(w, asyncOperation, func(context.Context) error { return remove(d) })
		w.WriteHeader(http.StatusAccepted)
	case rule.status == http.StatusAccepted:
		c.begin(w, asyncOperation, nil)
		w.WriteHeader(http.StatusAccepted)
	default:
		reply(w, http.StatusOK, map[string]any{})
	}
}
