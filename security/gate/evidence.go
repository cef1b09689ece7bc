package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/rates/security/scanner"
)

// applied refuses a scan without the rules that the policy names.
func (r *run) applied(rules Rules, has []string) error {
	want := rules.Rules
	if r.Job.ZAP.Active {
		want = slices.Concat(want, rules.ActiveRules)
	}
	missing := slices.DeleteFunc(slices.Clone(want), func(rule string) bool { return slices.Contains(has, rule) })
	if len(missing) > 0 {
		return scanner.Errorf(scanner.TooFewExamined, "it did not apply the rules %s, which the policy requires; install the add-ons that have them",
			strings.Join(missing, ", "))
	}
	return nil
}

// evidence refuses an outcome that proves too little.
func (r *run) evidence(name string, rules Rules, outcome *scanner.Outcome) error {
	examined := outcome.Examined
	switch {
	case outcome.Tool == "" || outcome.Version == "":
		return scanner.Errorf(scanner.BadOutput, "it does not name the tool and its version")
	case examined.Count == 0:
		return scanner.Errorf(scanner.NothingExamined, "there were no %s to examine", examined.Unit)
	case examined.Count < rules.AtLeast:
		return scanner.Errorf(scanner.TooFewExamined, "%d %s; the policy requires at least %d", examined.Count, examined.Unit, rules.AtLeast)
	}
	if err := r.applied(rules, outcome.Rules); err != nil || outcome.Database == nil {
		return err
	}
	if err := r.whole(name, rules, outcome); err != nil {
		return err
	}
	return r.recent(name, outcome)
}

// whole refuses a database that has fewer entries than the policy requires. Where a
// copy is allowed, it may be without a whole ecosystem, which the report says.
func (r *run) whole(name string, rules Rules, outcome *scanner.Outcome) error {
	if outcome.Database.Advisories == nil {
		return nil
	}
	for _, ecosystem := range slices.Sorted(maps.Keys(rules.Advisories)) {
		switch has := outcome.Database.Advisories[ecosystem]; {
		case has >= rules.Advisories[ecosystem]:
		case has == 0 && slices.Contains(r.profile.OldDatabases, name):
			outcome.Unseen = append(outcome.Unseen, fmt.Sprintf("the database knows nothing of %s, so no vulnerability of its packages was seen", ecosystem))
		default:
			return scanner.Errorf(scanner.DatabaseIncomplete, "it has %d advisories of %s; the policy requires at least %d", has, ecosystem, rules.Advisories[ecosystem])
		}
	}
	return nil
}

// recent refuses a database that is older than the profile allows.
func (r *run) recent(name string, outcome *scanner.Outcome) error {
	if outcome.Database.Date.IsZero() {
		return scanner.Errorf(scanner.DatabaseMissing, "it does not date its database")
	}
	const day = 24 * time.Hour
	age := int(r.Now.Sub(outcome.Database.Date) / day)
	if age < 0 {
		return scanner.Errorf(scanner.BadOutput, "its database is dated %s, in the future; one of the two clocks is wrong",
			outcome.Database.Date.UTC().Format(time.DateOnly))
	}
	if age <= r.profile.DatabaseDays {
		return nil
	}
	if slices.Contains(r.profile.OldDatabases, name) {
		outcome.Unseen = append(outcome.Unseen, fmt.Sprintf("the database is %d days old, which profile %s allows for this gate; newer vulnerabilities were not seen", age, r.Profile))
		return nil
	}
	return scanner.Errorf(scanner.DatabaseTooOld, "it is dated %s, %d days ago; profile %s allows %d",
		outcome.Database.Date.UTC().Format(time.DateOnly), age, r.Profile, r.profile.DatabaseDays)
}
