package azure

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

const (
	assignmentKind = "microsoft.authorization/roleassignments"
	definitionKind = "microsoft.authorization/roledefinitions"
	identityKind   = "microsoft.managedidentity/userassignedidentities"
)

func accessRules() []rule {
	return []rule{
		{name: "Microsoft.Authorization/locks"},
		{
			name: "Microsoft.Authorization/roleAssignments",
			compute: func(_ *Cloud, t target, d document) {
				d.properties()["scope"] = scope(t.id)
			},
		},
		{
			name: "Microsoft.Authorization/roleDefinitions", status: 201,
			compute: func(_ *Cloud, _ target, d document) {
				now := time.Now().UTC().Format(time.RFC3339Nano)
				d.object(own).fallback("createdOn", now)
				d.properties()["createdOn"], d.properties()["updatedOn"] = d.text(own, "createdOn"), now
			},
			missing: seenFromElsewhere, list: rolesByName,
		},
		{
			name: "Microsoft.ManagedIdentity/userAssignedIdentities", loose: true,
			compute: func(c *Cloud, t target, d document) {
				// An identity that is made again is another one.
				kept := d.object(own)
				kept.fallback("made", fmt.Sprint(t.key(), c.evidence.created["Microsoft.ManagedIdentity/userAssignedIdentities"]))
				made, p := kept.text("made"), d.properties()
				p["clientId"], p["principalId"], p["tenantId"] = uuid("client "+made), uuid("principal "+made), tenantID
			},
		},
		{name: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"},
		{name: "Microsoft.Consumption/budgets"},
	}
}

// builtInRoles are those of Azure that the roots name.
var builtInRoles = map[string]string{ // #nosec G101 -- their ids are the same for everybody
	"Reader":                        "acdd72a7-3385-48ef-bd42-f606fba81ae7",
	"Contributor":                   "b24988ac-6180-42a0-ab88-20f7382dd24c",
	"AcrPull":                       "7f951dda-4ed3-4680-a7ca-43fe172d538d",
	"Key Vault Secrets User":        "4633458b-17de-408a-b874-0445c86b69e6",
	"Storage Blob Data Reader":      "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
	"Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
	"Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
}

func builtInRole(subscription, name string) document {
	return document{
		"id":   subscription + "/providers/Microsoft.Authorization/roleDefinitions/" + builtInRoles[name],
		"name": builtInRoles[name], "type": "Microsoft.Authorization/roleDefinitions",
		"properties": map[string]any{
			"roleName": name, "type": "BuiltInRole", "description": name, "assignableScopes": []any{"/"},
			"permissions": []any{map[string]any{"actions": []any{}, "notActions": []any{}, "dataActions": []any{}, "notDataActions": []any{}}},
		},
	}
}

// seenFromElsewhere finds a definition by its name alone: there is one, whatever the
// scope that it is read from.
func seenFromElsewhere(c *Cloud, t target) (found document) {
	for name, id := range builtInRoles {
		if strings.EqualFold(id, t.name) {
			return builtInRole(t.subscription(), name)
		}
	}
	c.each(definitionKind, func(d document) bool {
		if strings.EqualFold(d.text("name"), t.name) {
			found = d
		}
		return found != nil
	})
	return found
}

var roleNameFilter = regexp.MustCompile(`roleName eq '([^']*)'`)

// rolesByName lists the definitions that a filter names.
func rolesByName(c *Cloud, r request) (any, error) {
	wanted := roleNameFilter.FindStringSubmatch(r.filter)
	if wanted == nil {
		return nil, fmt.Errorf("the filter %q names no role", r.filter)
	}
	items := []document{}
	if builtInRoles[wanted[1]] != "" {
		items = append(items, builtInRole(r.subscription(), wanted[1]))
	}
	c.each(definitionKind, func(d document) bool {
		if d.text("properties", "roleName") == wanted[1] {
			items = append(items, d)
		}
		return false
	})
	return map[string]any{"value": items}, nil
}

// mayAs reports whether an object was assigned a built-in role on a scope, or on what
// it belongs to.
func (c *Cloud) mayAs(role, principalID, on string) (may bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.each(assignmentKind, func(d document) bool {
		p := d.properties()
		may = p.text("principalId") == principalID && strings.HasSuffix(p.text("roleDefinitionId"), builtInRoles[role]) &&
			below(strings.ToLower(on), strings.ToLower(p.text("scope")))
		return may
	})
	return may
}
