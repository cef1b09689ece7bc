package httpapi

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
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
		"/rates": ratesOffers, "/ports": pageOffers, "/regions": jsonOffer, "/": pageOffers, "/openapi.yaml": {asYAML}, "/docs": {asHTML},
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
	}
}

// A document has the headers of a page however it is answered: a client that gets
// 304 takes its headers for those of the copy.
func TestPagesHaveHeadersOfTheirOwn(t *testing.T) {
	for _, form := range []*representation{asHTML, asSVG, asJSON, asCSV, asYAML} {
		wantPage := form == asHTML || form == asSVG
		for _, held := range []string{"", "*"} {
			rec := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			if held != "" {
				r.Header.Set("If-None-Match", held)
			}
			setHeaders(rec.Header(), r, []string{"id"})
			newAnswer(form, form.tag(1), []byte("x")).write(&response{ResponseWriter: rec, api: &api{}, accepts: acceptedEncodings(nil)}, r)
			header := rec.Header()
			wanted := pageHeaders
			if form == asSVG {
				wanted = chartHeaders
			}
			for _, f := range wanted {
				got, onlyPages := header[f.name], f.name != "Content-Security-Policy"
				if isPage := slices.Equal(got, f.values); isPage != wantPage || onlyPages && !wantPage && got != nil {
					t.Errorf("%s with status %d: %s is %q", form.media, rec.Code, f.name, got)
				}
			}
			for _, unsafe := range []string{"unsafe-", "*", "data:", "http"} {
				if policy := header.Get("Content-Security-Policy"); policy == "" || strings.Contains(policy, unsafe) {
					t.Errorf("%s: the policy %q allows %s", form.media, policy, unsafe)
				}
			}
		}
	}
}
