package azure

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// evidence is what was asked for.
type evidence struct {
	requests map[string]int // by method and kind
	created  map[string]int // documents, by kind
	faults   []string
}

func newEvidence() evidence {
	return evidence{requests: map[string]int{}, created: map[string]int{}}
}

// fault notes what a deployment must not do.
func (c *Cloud) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(format, args...)
}

// note is fault for those who hold the lock.
func (c *Cloud) note(format string, args ...any) {
	c.evidence.faults = append(c.evidence.faults, fmt.Sprintf(format, args...))
}

// Faults returns what was done that a deployment must not do, and forgets it.
func (c *Cloud) Faults() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	faults := c.evidence.faults
	c.evidence.faults = nil
	return faults
}

// Evidence is a table of the requests and the created documents by kind.
func (c *Cloud) Evidence() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var text strings.Builder
	fmt.Fprintf(&text, "%-66s %7s  requests\n", "type", "created")
	kinds := map[string][]string{}
	for _, asked := range slices.Sorted(maps.Keys(c.evidence.requests)) {
		method, kind, _ := strings.Cut(asked, " ")
		kinds[kind] = append(kinds[kind], fmt.Sprintf("%s %d", method, c.evidence.requests[asked]))
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(&text, "%-66s %7d  %s\n", kind, c.evidence.created[kind], strings.Join(kinds[kind], ", "))
	}
	return text.String()
}

// say tells the log of the rehearsal.
func (c *Cloud) say(format string, args ...any) { c.log(fmt.Sprintf(format, args...)) }
