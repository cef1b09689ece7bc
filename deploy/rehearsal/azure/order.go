package azure

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

const lockKind = "microsoft.authorization/locks"

// lockOf returns the lock that forbids to delete a document: its own, of something
// that it belongs to, or of something that belongs to it. Extension resources belong
// to what they extend.
func (c *Cloud) lockOf(t target) string {
	if t.kind == lockKind {
		return ""
	}
	found := ""
	c.each(lockKind, func(lock document) bool {
		locked := strings.ToLower(scope(lock.text("id")))
		if below(locked, t.key()) || below(t.key(), locked) {
			found = lock.text("id")
		}
		return found != ""
	})
	return found
}

// reference is the id of a document inside another.
var reference = regexp.MustCompile(`(?i)"(/subscriptions/[^"/]+/resourcegroups/[^"/]+/providers/[^"]+)"`)

// references returns the keys that a document mentions, but those of its own tree.
func references(key string, d document) []string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // it came from JSON
	}
	var keys []string
	for _, found := range reference.FindAllSubmatch(text, -1) {
		other := strings.ToLower(string(found[1]))
		if !below(other, key) && !below(key, other) {
			keys = append(keys, other)
		}
	}
	return keys
}

// dangling returns why a document cannot be: it mentions one that is not there.
func (c *Cloud) dangling(t target, d document) (code, why string) {
	for _, key := range references(t.key(), d) {
		if c.documents[key] != nil {
			continue
		}
		if missing := c.rules[parse(key).kind].missing; missing != nil && missing(c, parse(key)) != nil {
			continue
		}
		c.note("PUT %s: it mentions %s, which is not there", t.id, key)
		return "InvalidResourceReference", fmt.Sprintf("%s mentions %s, which is not there.", t.id, key)
	}
	return "", ""
}

// userOf returns a document that mentions another, or something below it.
func (c *Cloud) userOf(key string) string {
	for user, d := range c.documents {
		if below(user, key) || below(key, user) {
			continue
		}
		for _, used := range references(user, d) {
			if below(used, key) {
				return user
			}
		}
	}
	return ""
}
