package httpapi

import (
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// The contract lists every type of problem, and no other.
func TestContractNamesEachProblem(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	var named, answered []string
	for _, name := range doc.Components.Schemas["Problem"].Value.Properties["type"].Value.Enum {
		named = append(named, name.(string))
	}
	for kind := range problems {
		answered = append(answered, problemTypePrefix+string(kind))
	}
	slices.Sort(named)
	slices.Sort(answered)
	if !slices.Equal(named, answered) {
		t.Errorf("the contract lists\n%v, want\n%v", named, answered)
	}
}
