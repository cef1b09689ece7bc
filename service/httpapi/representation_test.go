package httpapi

import (
	"maps"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// The contract describes every representation that a path offers, and no other.
func TestContractDescribesEachRepresentation(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	for path, offers := range map[string][]*representation{
		"/rates": ratesOffers, "/ports": jsonOffer, "/regions": jsonOffer, "/": jsonOffer, "/openapi.yaml": {asYAML},
	} {
		var offered []string
		for _, offer := range offers {
			offered = append(offered, offer.media)
		}
		described := slices.Sorted(maps.Keys(doc.Paths.Value(path).Get.Responses.Status(200).Value.Content))
		if slices.Sort(offered); !slices.Equal(described, offered) {
			t.Errorf("%s: the contract describes %v, want %v", path, described, offered)
		}
	}
}

// Representations of rates have media types and tags of their own, so that no
// answer is taken for another.
func TestRepresentationsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, form := range ratesOffers {
		for _, text := range []string{form.media, form.tag(1)} {
			if seen[text] {
				t.Errorf("two representations have %s", text)
			}
			seen[text] = true
		}
		if form.appendRates == nil {
			t.Errorf("%s has no encoder for rates", form.media)
		}
	}
}
