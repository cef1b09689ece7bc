package terraformcompliance

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner/terraformcompliance/source"
)

// privileges returns the findings about rights in a plan, whose values are known
// however they were written. They hold for every root.
func (p judgedPlan) privileges(made Plan, at places) []finding.Finding {
	var found []finding.Finding
	for _, r := range made.Resources {
		values, ok := r.Change.After.(map[string]any)
		if !ok {
			continue
		}
		var rule, message string
		switch {
		case r.Type == "azurerm_role_definition":
			rule, message = "plan/role", customRole(values)
		case strings.Contains(r.Type, "federated_identity_credential"):
			rule, message = "plan/federation", federation(values)
		default:
			rule, message = "plan/role", assignment(values)
		}
		if message == "" {
			continue
		}
		where := at.of(r.Address)
		found = append(found, finding.Finding{
			Rule: rule, Severity: finding.High, File: where.File, Line: where.Line, Resource: r.Address,
			Message: fmt.Sprintf("%s (plan of %s/%s, run %s).", message, p.Root, p.Test, p.Run),
			Help:    "Give the right that is needed, on one resource, to one environment of one repository.",
		})
	}
	return found
}

// grants are roles that may be assigned in a resource group only: the one changes
// everything, the other, with a condition, grants given roles.
var grants = map[string]string{
	"b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
	"f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}

// narrow matches the id of a resource group or of what is in it.
var narrow = regexp.MustCompile(`(?i)^/subscriptions/[^/]+/resourceGroups/[^/]+`)

// assignment says what is wrong with the role that a resource assigns, "" if nothing
// is.
func assignment(values map[string]any) string {
	role, _ := values["role_definition_name"].(string)
	for key, text := range allTexts(values) {
		if strings.Contains(key, "condition") {
			continue // it names roles to leave out
		}
		for id, name := range grants {
			if strings.Contains(strings.ToLower(text), id) {
				role = name
			}
		}
		powerful := source.PowerfulRole(text)
		if powerful != "" && (strings.Contains(key, "role_definition") || !strings.EqualFold(text, powerful)) {
			return "The role " + powerful + " allows everything, or to grant everything"
		}
	}
	scope, _ := values["scope"].(string)
	condition, _ := values["condition"].(string)
	switch {
	case strings.EqualFold(role, "Contributor") && !narrow.MatchString(scope):
		return "The role Contributor is assigned outside of a resource group"
	case strings.EqualFold(role, "Role Based Access Control Administrator") && (!narrow.MatchString(scope) || condition == ""):
		return "The role Role Based Access Control Administrator is assigned outside of a resource group, or without a condition"
	}
	return ""
}

// customRole says what is wrong with a custom role, "" if nothing is.
func customRole(values map[string]any) string {
	permissions, _ := values["permissions"].([]any)
	for _, one := range permissions {
		permission, _ := one.(map[string]any)
		for _, key := range []string{"actions", "data_actions"} {
			for _, action := range allTexts(permission[key]) {
				if action == "*" || source.Escalates(action) {
					return fmt.Sprintf("The custom role allows %q: everything, or to grant rights", action)
				}
			}
		}
	}
	return ""
}

// federation says what is wrong with a trusted subject, "" if nothing is.
func federation(values map[string]any) string {
	for key, text := range allTexts(values) {
		if strings.Contains(key, "claims_matching_expression") && text != "" {
			return "An expression can match more than one subject"
		}
	}
	subject, _ := values["subject"].(string)
	if source.WideSubject(subject) {
		return fmt.Sprintf("The subject %q trusts more than one environment of one repository", subject)
	}
	return ""
}

// allTexts returns all texts in a value by their paths.
func allTexts(value any) map[string]string {
	texts := map[string]string{}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch value := value.(type) {
		case string:
			texts[path] = value
		case []any:
			for i, v := range value {
				walk(fmt.Sprintf("%s.%d", path, i), v)
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(value)) {
				walk(path+"."+key, value[key])
			}
		}
	}
	walk("", value)
	return texts
}
