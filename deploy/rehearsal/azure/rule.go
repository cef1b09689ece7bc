package azure

import (
	"maps"
	"strings"
)

// rule is what Azure does with a type besides keeping its documents.
type rule struct {
	name   string // the type as Azure writes it
	status int    // of the answer to a PUT, and 202 also to a DELETE; 0 means 200

	loose bool // whether a document may go while others mention it

	// refuse returns why Azure takes no such document, "" if it does.
	refuse func(c *Cloud, t target, d document) (code, why string)
	// compute adds what Azure computes to a document that was put.
	compute func(c *Cloud, t target, d document)
	// missing is a document that is there before it was put.
	missing func(c *Cloud, t target) document
	// view shows a document as it is read.
	view func(c *Cloud, t target, d document) document
	// answers are those to requests whose path ends without a name, by method and last
	// segment in small letters. No value starts an operation.
	answers map[string]answer
	// list answers for the collection of the type; nil lists its documents.
	list answer
}

// request is what an answer is for.
type request struct {
	target
	filter string
	body   []byte
}

type answer func(c *Cloud, r request) (any, error)

// newRules returns the rules of every type that a deployment uses, by kind. A type
// that is not here is not rehearsed, which is a fault.
func newRules() map[string]rule {
	all := map[string]rule{}
	for _, family := range [][]rule{groupRules(), accessRules(), networkRules(), databaseRules(), appRules(), storeRules(), logRules()} {
		for _, r := range family {
			all[strings.ToLower(r.name)] = r
		}
	}
	return all
}

const tenantID = "11111111-1111-1111-1111-111111111111"

// answered returns the same value to everybody.
func answered(value any) answer {
	return func(*Cloud, request) (any, error) { return value, nil }
}

func groupRules() []rule {
	return []rule{{
		name: subscriptionKind,
		missing: func(_ *Cloud, t target) document {
			return document{"id": t.id, "subscriptionId": t.name, "displayName": "rehearsal", "state": "Enabled", "tenantId": tenantID}
		},
		answers: map[string]answer{"GET providers": registeredProviders},
	}, {
		name: "resourceGroups", answers: map[string]answer{"GET resources": resourcesOf},
	}}
}

// registeredProviders are those of the types that have a rule, and of what is only
// listed.
func registeredProviders(c *Cloud, r request) (any, error) {
	names := map[string]bool{}
	for _, rule := range c.rules {
		if name, _, ok := strings.Cut(rule.name, "/"); ok {
			names[name] = true
		}
	}
	items := []document{}
	for name := range maps.Keys(names) {
		items = append(items, document{"id": r.id + "/providers/" + name, "namespace": name, "registrationState": "Registered"})
	}
	return map[string]any{"value": items}, nil
}

// resourcesOf lists what keeps a group from being deleted.
func resourcesOf(c *Cloud, r request) (any, error) {
	items := []document{}
	for key, d := range c.documents {
		rest, inside := strings.CutPrefix(key, r.key()+"/providers/")
		if _, extension := extensions[parse(key).kind]; inside && !extension && strings.Count(rest, "/") == 2 {
			items = append(items, d)
		}
	}
	return map[string]any{"value": items}, nil
}

// extensions belong to what they extend, and no group lists them.
var extensions = map[string]bool{
	lockKind: true, assignmentKind: true, "microsoft.authorization/roledefinitions": true, "microsoft.consumption/budgets": true,
	"microsoft.insights/diagnosticsettings": true,
}
