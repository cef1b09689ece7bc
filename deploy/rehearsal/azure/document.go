package azure

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// document is a resource as ARM keeps it: an object of JSON.
type document map[string]any

// object returns the object at a path, which it makes if there is none.
func (d document) object(path ...string) document {
	for _, name := range path {
		inner, ok := d[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			d[name] = inner
		}
		d = inner
	}
	return d
}

// properties are what a type has of its own.
func (d document) properties() document { return d.object("properties") }

// at returns the value at a path, nil if there is none.
func (d document) at(path ...string) any {
	var value any = map[string]any(d)
	for _, name := range path {
		inner, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = inner[name]
	}
	return value
}

// text returns the string at a path, "" if there is none.
func (d document) text(path ...string) string {
	text, _ := d.at(path...).(string)
	return text
}

// number returns the number at a path, or another where there is none.
func (d document) number(otherwise int, path ...string) int {
	if n, ok := d.at(path...).(float64); ok {
		return int(n)
	}
	return otherwise
}

// objects returns the objects of the list at a path.
func (d document) objects(path ...string) []document {
	list, _ := d.at(path...).([]any)
	var all []document
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			all = append(all, object)
		}
	}
	return all
}

// fallback sets a value that is missing.
func (d document) fallback(name string, value any) {
	if d[name] == nil {
		d[name] = value
	}
}

// merge changes what another document says, as PATCH does.
func (d document) merge(other document) {
	for name, value := range other {
		if inner, ok := value.(map[string]any); ok {
			d.object(name).merge(inner)
			continue
		}
		d[name] = value
	}
}

// clone returns a copy that shares nothing with d.
func (d document) clone() document {
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // it came from JSON
	}
	var same document
	if err := json.Unmarshal(text, &same); err != nil {
		panic(err)
	}
	return same
}

// uuid returns an id that depends on a text alone.
func uuid(text string) string {
	h := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
