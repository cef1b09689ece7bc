package page

import (
	"net/url"

	"example.com/rates/service/rates"
)

// Places is the tree of regions and ports, to choose one of them.
type Places struct {
	Trees           []*Node
	Other, OtherURL string // the same for the other end of the lane
}

// Node is a region with what it contains, or a port.
type Node struct {
	Code, Name string
	URL        string // the form with this place in it
	Below      []*Node
}

// Choose returns the page with the places to choose the origin from, or the
// destination. Links lead to the form with the values that it has.
func Choose(destination bool, values url.Values, regions []rates.Region, ports []rates.Port) View {
	field, title := "orig_code", "Choose the origin"
	other, otherText := "dest_code", "Choose the destination instead"
	if destination {
		field, title, other, otherText = other, "Choose the destination", field, "Choose the origin instead"
	}
	kept := url.Values{}
	for _, name := range []string{"date_from", "date_to", "lane", other} {
		for _, value := range values[name] {
			if value != "" {
				kept.Add(name, value)
			}
		}
	}
	prefix := "/?" + kept.Encode()
	if len(kept) > 0 {
		prefix += "&"
	}
	kept.Set(field, values.Get(field))
	kept.Set("choose", other)
	return View{Title: title, Places: &Places{
		Trees: trees(prefix+field+"=", regions, ports), Other: otherText, OtherURL: "/ports?" + kept.Encode(),
	}}
}

// trees returns the topmost regions with all below them. The address of a place is
// prefix and its code.
func trees(prefix string, regions []rates.Region, ports []rates.Port) []*Node {
	bySlug := map[string]*Node{}
	for _, region := range regions {
		bySlug[region.Slug] = &Node{Code: region.Slug, Name: region.Name, URL: prefix + url.QueryEscape(region.Slug)}
	}
	var top []*Node
	for _, region := range regions {
		node := bySlug[region.Slug]
		if above := bySlug[region.Parent]; above != nil {
			above.Below = append(above.Below, node)
		} else {
			top = append(top, node)
		}
	}
	for _, port := range ports {
		node := &Node{Code: port.Code, Name: port.Name, URL: prefix + url.QueryEscape(port.Code)}
		if region := bySlug[port.Parent]; region != nil {
			region.Below = append(region.Below, node)
		} else {
			top = append(top, node)
		}
	}
	return top
}
