package page_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"example.com/rates/service/page"
)

// draw returns the page as a browser would understand it.
func draw(t testing.TB, v page.View) *html.Node {
	t.Helper()
	body, err := page.Draw(v)
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// all returns the elements that have the name of a tag and, unless it is "", an attribute.
func all(root *html.Node, tag, attribute string) []*html.Node {
	var found []*html.Node
	for n := range root.Descendants() {
		_, has := get(n, attribute)
		if n.Type == html.ElementNode && n.Data == tag && (attribute == "" || has) {
			found = append(found, n)
		}
	}
	return found
}

func get(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func text(n *html.Node) string {
	var b strings.Builder
	for below := range n.Descendants() {
		if below.Type == html.TextNode {
			b.WriteString(below.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// texts returns the text of each element.
func texts(nodes []*html.Node) []string {
	var list []string
	for _, n := range nodes {
		list = append(list, text(n))
	}
	return list
}
