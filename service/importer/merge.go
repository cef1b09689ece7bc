package importer

import (
	"strings"

	"example.com/rates/service/rates"
)

// places are the regions and ports known to an import.
type places struct {
	regions map[string]rates.Region
	ports   map[string]rates.Port
}

// Changes counts the places of one kind that an import added and changed.
type Changes struct{ New, Changed int64 }

// merge adds the places of a survey, and checks that all fit together. An error
// names the line to blame.
func (known *places) merge(s *survey) (regions, ports Changes, err error) {
	for _, region := range s.regions {
		before, ok := known.regions[region.row.Slug]
		regions.count(ok, before != region.row)
		known.regions[region.row.Slug] = region.row
	}
	for _, port := range s.ports {
		before, ok := known.ports[port.row.Code]
		ports.count(ok, before != port.row)
		known.ports[port.row.Code] = port.row
	}
	if err := known.checkRegions(s); err != nil {
		return regions, ports, err
	}
	for _, port := range s.ports {
		if _, ok := known.regions[port.row.Parent]; !ok {
			return regions, ports, refuse(s.file, port.line,
				"port %s is in region %q, which is unknown", port.row.Code, port.row.Parent)
		}
		if _, ok := known.regions[strings.ToLower(port.row.Code)]; ok {
			return regions, ports, refuse(s.file, port.line, "%s is also the slug of a region", port.row.Code)
		}
	}
	return regions, ports, known.checkPrices(s)
}

func (c *Changes) count(known, differs bool) {
	switch {
	case !known:
		c.New++
	case differs:
		c.Changed++
	}
}

func (known *places) checkRegions(s *survey) error {
	for _, region := range s.regions {
		slug, parent := region.row.Slug, region.row.Parent
		if _, ok := known.regions[parent]; parent != "" && !ok {
			return refuse(s.file, region.line, "region %q is in region %q, which is unknown", slug, parent)
		}
		if _, ok := known.ports[strings.ToUpper(slug)]; ok {
			return refuse(s.file, region.line, "region %q is also the code of a port", slug)
		}
		if known.loops(slug) {
			return refuse(s.file, region.line, "region %q is within itself: its parents lead back to it", slug)
		}
	}
	return nil
}

// loops reports whether the parents of a region lead back to it.
func (known *places) loops(slug string) bool {
	at := slug
	for range len(known.regions) {
		at = known.regions[at].Parent
		if at == "" || at == slug {
			return at == slug
		}
	}
	return false // a loop further up is the fault of another region
}

// checkPrices returns an error for the first line that names an unknown port.
func (known *places) checkPrices(s *survey) error {
	unknown, first := "", 0
	for code, line := range s.priced {
		if _, ok := known.ports[code]; !ok && (first == 0 || line < first || line == first && code < unknown) {
			unknown, first = code, line
		}
	}
	if first > 0 {
		return refuse(s.file, first, "port %s is unknown; import it first, or in the same file", unknown)
	}
	return nil
}
