package chart_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The elements and attributes that a chart is made of.
var (
	elements   = []string{"svg", "title", "desc", "g", "path", "line", "text", "tspan"}
	attributes = strings.Fields(`xmlns class id role aria-labelledby aria-describedby width height viewBox
		preserveAspectRatio overflow display x x1 x2 dx y y1 y2 d fill fill-opacity stroke stroke-width stroke-dasharray stroke-linejoin
		stroke-linecap stroke-opacity vector-effect text-anchor font-family font-size font-weight
		data-from data-days data-low data-high`)
)

// examine checks that svg is well-formed, has no other elements than those of a
// chart and more, and draws only where it can be seen.
func examine(t *testing.T, svg []byte, more ...string) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	var boxes []view // of the elements svg that are open
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in:\n%.2000s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if name := token.Name.Local; !slices.Contains(elements, name) && !slices.Contains(more, name) {
				t.Fatalf("element %s in:\n%.2000s", name, svg)
			}
			for _, attribute := range token.Attr {
				if !slices.Contains(attributes, attribute.Name.Local) {
					t.Fatalf("attribute %s in:\n%.2000s", attribute.Name.Local, svg)
				}
				if len(boxes) == 0 {
					continue
				}
				if err := boxes[len(boxes)-1].holds(attribute.Name.Local, attribute.Value); err != nil {
					t.Fatalf("%s: %v, in:\n%.5000s", token.Name.Local, err, svg)
				}
			}
			if token.Name.Local == "svg" {
				boxes = append(boxes, viewOf(t, token))
			}
		case xml.EndElement:
			if token.Name.Local == "svg" {
				boxes = boxes[:len(boxes)-1]
			}
		case xml.CharData:
		default:
			t.Fatalf("%T in:\n%.2000s", token, svg)
		}
	}
}

// view is what an element svg shows. A width of 0 is as wide as it gets.
type view struct{ width, height float64 }

func viewOf(t *testing.T, element xml.StartElement) view {
	t.Helper()
	var v view
	for _, attribute := range element.Attr {
		switch attribute.Name.Local {
		case "viewBox":
			if n, err := fmt.Sscanf(attribute.Value, "0 0 %g %g", &v.width, &v.height); n != 2 {
				t.Fatalf("viewBox %q: %v", attribute.Value, err)
			}
			return v
		case "height":
			v.height, _ = strconv.ParseFloat(attribute.Value, 64)
		}
	}
	return v
}

// holds returns an error if a position is outside v. Labels may stand in the
// margin on the left, where x is negative.
func (v view) holds(attribute, value string) error {
	switch attribute {
	case "x", "x1", "x2":
		if share, ok := strings.CutSuffix(value, "%"); ok {
			return within(share, 0, 100)
		}
		return within(value, -56, 1000)
	case "y", "y1", "y2", "height":
		return within(value, 0, max(v.height, 1))
	case "d":
		if strings.HasPrefix(value, "M-56 ") {
			return nil // the key
		}
		return v.holdsPath(value)
	}
	return nil
}

func within(value string, low, high float64) error {
	v, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return err
	}
	if !(v >= low && v <= high) {
		return fmt.Errorf("%g is not from %g to %g", v, low, high)
	}
	return nil
}

var number = regexp.MustCompile(`^ ?(-?[0-9]+(?:\.5)?)`)

// holdsPath follows a path of the commands M, l, h, v and z.
func (v view) holdsPath(path string) error {
	var x, y float64
	command := byte(0)
	for rest := path; rest != ""; {
		if rest[0] != ' ' {
			command, rest = rest[0], rest[1:]
		}
		arity := strings.IndexByte("z hv Ml", command) // 0, then 2, 3, then 5, 6
		if arity < 0 {
			return fmt.Errorf("command %q", command)
		}
		var numbers []float64
		for range []int{0, 0, 1, 1, 1, 2, 2}[arity] {
			found := number.FindStringSubmatch(rest)
			if found == nil {
				return fmt.Errorf("no number at %.20q", rest)
			}
			n, err := strconv.ParseFloat(found[1], 64)
			if err != nil {
				return err
			}
			numbers, rest = append(numbers, n), rest[len(found[0]):]
		}
		switch command {
		case 'M':
			x, y = numbers[0], numbers[1]
		case 'l':
			x, y = x+numbers[0], y+numbers[1]
		case 'h':
			x += numbers[0]
		case 'v':
			y += numbers[0]
		}
		if !(x >= 0 && x <= v.width && y >= 0 && y <= v.height) {
			return fmt.Errorf("%g, %g is outside %g × %g", x, y, v.width, v.height)
		}
	}
	return nil
}
