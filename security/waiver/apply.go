package waiver

import (
	"fmt"
	"time"

	"example.com/rates/security/finding"
)

// Use is the waivers of one run by their effect.
type Use struct {
	Used    []Waiver  // covered a finding
	Unused  []Waiver  // valid, but covered none
	Expired []Waiver  // their last day is over
	Early   []Problem // created in the future
}

// Ledger applies waivers to the findings of gates, one after another, and
// records their use.
type Ledger struct {
	list List
	same func(a, b string) bool
	now  time.Time
	used map[int]bool // by place in the list
}

// NewLedger returns a ledger of the list. same reports whether two names mean
// one rule.
func NewLedger(list List, same func(a, b string) bool, now time.Time) *Ledger {
	return &Ledger{list: list, same: same, now: now, used: map[int]bool{}}
}

// Apply notes on each finding the waiver that covers it. A waiver that expired,
// or was created in the future, covers nothing.
func (l *Ledger) Apply(findings []finding.Finding) {
	for i := range findings {
		f := &findings[i]
		for j, w := range l.list.Waivers {
			if !w.begun(l.now) || w.Expired(l.now) || !w.Covers(*f, l.same) {
				continue
			}
			l.used[j] = true
			f.Waiver = &finding.Waiver{Reason: w.Reason, Owner: w.Owner, Expires: w.Expires.String()}
			break
		}
	}
}

// Use returns the effect of the waivers so far.
func (l *Ledger) Use() Use {
	var use Use
	for j, w := range l.list.Waivers {
		switch {
		case !w.begun(l.now):
			what := fmt.Sprintf("it was created on %s, in the future", w.Created)
			use.Early = append(use.Early, Problem{Line: w.Line, Rule: w.Rule, What: what})
		case w.Expired(l.now):
			use.Expired = append(use.Expired, w)
		case l.used[j]:
			use.Used = append(use.Used, w)
		default:
			use.Unused = append(use.Unused, w)
		}
	}
	return use
}
