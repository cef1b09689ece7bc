package seed

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPortsAreWellFormedAndUnique(t *testing.T) {
	code := regexp.MustCompile(`^[A-Z]{2}[A-Z2-9]{3}$`)
	seen := map[string]bool{}
	for _, p := range ports {
		if !code.MatchString(p.code) {
			t.Errorf("%q does not have the form of a UN/LOCODE", p.code)
		}
		if seen[p.code] {
			t.Errorf("%s is listed twice", p.code)
		}
		if p.name == "" || p.name != strings.TrimSpace(p.name) {
			t.Errorf("%s has the name %q", p.code, p.name)
		}
		seen[p.code] = true
	}
}

func TestRegionsAreWellFormedAndUnique(t *testing.T) {
	slug := regexp.MustCompile(`^[a-z][a-z0-9_]{1,62}$`)
	seen := map[string]bool{}
	for _, p := range ports {
		seen[strings.ToLower(p.code)] = true
	}
	for _, r := range regions {
		if !slug.MatchString(r.slug) {
			t.Errorf("%q does not have the form of a slug", r.slug)
		}
		if seen[r.slug] {
			t.Errorf("%s is the slug of two regions, or the code of a port", r.slug)
		}
		if r.name == "" || r.name != strings.TrimSpace(r.name) {
			t.Errorf("%s has the name %q", r.slug, r.name)
		}
		seen[r.slug] = true
	}
}

// Parents before their children also rule out loops.
func TestParentsComeFirst(t *testing.T) {
	seen := map[string]bool{"": true}
	for _, r := range regions {
		if !seen[r.parent] {
			t.Errorf("the parent %q of region %s is not listed before it", r.parent, r.slug)
		}
		seen[r.slug] = true
	}
	for _, p := range ports {
		if p.region == "" || !seen[p.region] {
			t.Errorf("the region %q of port %s does not exist", p.region, p.code)
		}
	}
}

// The tests of the service need these shapes.
func TestShapesOfTheTree(t *testing.T) {
	direct, below := map[string]int{}, map[string]int{}
	for _, p := range ports {
		direct[p.region]++
		below[p.region]++
	}
	children := map[string]int{}
	for _, r := range slices.Backward(regions) {
		children[r.parent]++
		below[r.parent] += below[r.slug]
	}
	depth, depths, mixed := map[string]int{}, map[int]bool{}, 0
	var one, none []string
	for _, r := range regions {
		depth[r.slug] = depth[r.parent] + 1
		if children[r.slug] == 0 {
			depths[depth[r.slug]] = true
		} else if direct[r.slug] > 0 {
			mixed++
		}
		switch below[r.slug] {
		case 0:
			none = append(none, r.slug)
		case 1:
			one = append(one, r.slug)
		}
	}
	if !depths[2] || !depths[3] || !depths[4] || len(depths) != 3 {
		t.Errorf("leaves are at the depths %v, want 2, 3 and 4", depths)
	}
	if mixed == 0 {
		t.Error("no region contains both ports and regions")
	}
	if len(one) != 1 || one[0] != "lithuania" {
		t.Errorf("regions with a single port: %v, want lithuania", one)
	}
	if len(none) != 1 || none[0] != "aland" {
		t.Errorf("regions without a port: %v, want aland", none)
	}
}

func TestThereAreEnoughPortsOnBothSides(t *testing.T) {
	if len(ports) < 120 {
		t.Errorf("%d ports, want at least 120", len(ports))
	}
	top, sides := topRegions(), map[string]int{}
	for _, p := range ports {
		sides[top[p.region]]++
	}
	if len(sides) != 2 || sides["china"]*5 < len(ports)*2 || sides["northern_europe"]*5 < len(ports)*2 {
		t.Errorf("ports by side: %v, want about half in china and half in northern_europe", sides)
	}
}
