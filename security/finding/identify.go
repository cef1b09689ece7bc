package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Identify gives each finding its fingerprint. It is made of the rule, the file,
// and the resource or package if the tool named one, else the text of the line,
// so that it stays the same when the line moves. For a secret only the rule and
// the file count. Equal findings in a file are distinguished by their order.
func Identify(findings []Finding, text func(file string, line int) string) {
	order := make([]int, len(findings))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return findings[a].Line - findings[b].Line })
	seen := map[string]int{}
	for _, i := range order {
		f := &findings[i]
		anchor := f.Resource + "\x00" + f.Package
		if anchor == "\x00" && f.Line > 0 && !f.Secret { // a secret could be guessed from its digest
			anchor = strings.Join(strings.Fields(text(f.File, f.Line)), " ")
		}
		key := strings.Join([]string{f.Rule, f.File, anchor}, "\x00")
		seen[key]++
		sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(seen[key])))
		const enough = 16
		f.Fingerprint = hex.EncodeToString(sum[:enough])
	}
}

// Merge makes one finding of those of several tools about the same defect: the
// same rule by any of its names, at the same place. The merged finding keeps the
// worst severity, the first message, and all witnesses.
func Merge(findings []Finding) []Finding {
	var merged []Finding
	for _, f := range findings {
		i := slices.IndexFunc(merged, func(m Finding) bool { return same(m, f) })
		if i < 0 {
			merged = append(merged, f)
			continue
		}
		merged[i] = join(merged[i], f)
	}
	Sort(merged)
	return merged
}

func same(a, b Finding) bool {
	return a.File == b.File && a.Package == b.Package && a.Version == b.Version &&
		shareName(a, b) && samePlace(a, b)
}

func shareName(a, b Finding) bool {
	return slices.ContainsFunc(a.Names(), func(name string) bool { return slices.Contains(b.Names(), name) })
}

func samePlace(a, b Finding) bool {
	if slices.ContainsFunc(a.Witnesses, func(w Witness) bool {
		return slices.ContainsFunc(b.Witnesses, func(other Witness) bool { return other.Gate == w.Gate })
	}) {
		// One tool reports the same rule twice only if there are two defects.
		return a.Fingerprint == b.Fingerprint
	}
	if a.Package != "" {
		return true
	}
	if a.Resource != "" && b.Resource != "" {
		return a.Resource == b.Resource
	}
	return a.Line == 0 || b.Line == 0 || a.Line <= lastLine(b) && b.Line <= lastLine(a)
}

func lastLine(f Finding) int { return max(f.Line, f.EndLine) }

func join(a, b Finding) Finding {
	if worse, same := b.Severity.counted() > a.Severity.counted(), b.Severity.counted() == a.Severity.counted(); worse || same && a.Severity == Unknown {
		a.Severity = b.Severity
	}
	if a.Line == 0 {
		a.Line, a.EndLine = b.Line, b.EndLine
	}
	for _, field := range []struct{ to, from *string }{
		{&a.Help, &b.Help}, {&a.URL, &b.URL}, {&a.Resource, &b.Resource}, {&a.Fixed, &b.Fixed},
	} {
		if *field.to == "" {
			*field.to = *field.from
		}
	}
	a.Secret = a.Secret || b.Secret
	a.Aliases = uniqueNames(append(append(a.Names(), b.Names()...), a.Aliases...), a.Rule)
	a.Witnesses = slices.Clone(a.Witnesses)
	for _, w := range b.Witnesses {
		if !slices.Contains(a.Witnesses, w) {
			a.Witnesses = append(a.Witnesses, w)
		}
	}
	slices.SortFunc(a.Witnesses, func(x, y Witness) int { return strings.Compare(x.Gate+x.Rule, y.Gate+y.Rule) })
	if a.Waiver == nil || b.Waiver == nil {
		a.Waiver = nil // waived only if each of the findings is
	}
	return a
}

func uniqueNames(names []string, but string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == but || name == "" })
	slices.Sort(names)
	return slices.Compact(names)
}

func fmtLine(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }

func packageAt(f Finding) string {
	if f.Package == "" || f.Version == "" {
		return f.Package
	}
	return f.Package + "@" + f.Version
}
