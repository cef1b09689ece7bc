package source

import (
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// powerful are the roles of Azure that allow everything, or to grant everything, by
// id: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles.
func powerful() map[string]string {
	return map[string]string{
		"8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
		"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
	}
}

// PowerfulRole returns the role whose name a text is, or whose id it holds, if the
// role allows everything, else "".
func PowerfulRole(text string) string {
	lower := strings.ToLower(text)
	for id, role := range powerful() {
		if strings.Contains(lower, id) || strings.EqualFold(strings.TrimSpace(text), role) {
			return role
		}
	}
	return ""
}

// texts returns the literal parts of an expression, in order.
func texts(expression hclsyntax.Expression) []string {
	var parts []string
	_ = hclsyntax.VisitAll(expression, func(node hclsyntax.Node) hcl.Diagnostics {
		if literal, ok := node.(*hclsyntax.LiteralValueExpr); ok && literal.Val.Type() == cty.String && !literal.Val.IsNull() {
			parts = append(parts, literal.Val.AsString())
		}
		return nil
	})
	return parts
}

var escalates = regexp.MustCompile(`(?i)^microsoft\.authorization/(roleassignments|roledefinitions|elevateaccess|roleassignmentschedulerequests|roleeligibilityschedulerequests)/(write|action)$`)

// Escalates reports whether an action of a custom role, which may have wildcards,
// allows to grant rights, or everything.
func Escalates(action string) bool {
	if escalates.MatchString(action) {
		return true
	}
	pattern := "(?i)^" + strings.ReplaceAll(regexp.QuoteMeta(action), `\*`, ".*") + "$"
	matcher, err := regexp.Compile(pattern)
	return err == nil && (matcher.MatchString("Microsoft.Authorization/roleAssignments/write") || matcher.MatchString("Microsoft.Authorization/roleDefinitions/write"))
}
