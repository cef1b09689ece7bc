package chart

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	inkPattern   = regexp.MustCompile(`[{;] color: (#[0-9a-f]+)`)
	paperPattern = regexp.MustCompile(`background: (#[0-9a-f]+)`)
)

// Each colour has the contrast that WCAG asks of text, in every scheme.
func TestContrast(t *testing.T) {
	light, _, _ := strings.Cut(CSS, "@media")
	others := regexp.MustCompile(`(?s)@media \(prefers-color-scheme.*?\n}|@media print.*?\n}`)
	schemes := slices.Concat([]string{light}, others.FindAllString(CSS, -1))
	if len(schemes) != 3 {
		t.Fatalf("%d schemes, want light, dark and print", len(schemes))
	}
	for _, scheme := range schemes {
		papers, inks := paperPattern.FindAllStringSubmatch(scheme, -1), inkPattern.FindAllStringSubmatch(scheme, -1)
		if len(papers) != 1 || len(inks) != 1+MaxLanes {
			t.Fatalf("%d backgrounds and %d colours in %s", len(papers), len(inks), scheme)
		}
		for _, ink := range inks {
			if ratio := contrast(ink[1], papers[0][1]); ratio < 4.5 {
				t.Errorf("%s on %s: %.1f; want at least 4.5", ink[1], papers[0][1], ratio)
			}
		}
	}
}

// contrast returns the contrast ratio of two colours, as WCAG 2 defines it.
func contrast(a, b string) float64 {
	lighter, darker := luminance(a), luminance(b)
	if lighter < darker {
		lighter, darker = darker, lighter
	}
	return (lighter + 0.05) / (darker + 0.05)
}

func luminance(colour string) float64 {
	if len(colour) == len("#fff") {
		colour = "#" + strings.Repeat(colour[1:2], 2) + strings.Repeat(colour[2:3], 2) + strings.Repeat(colour[3:], 2)
	}
	var channels [3]uint8
	if _, err := fmt.Sscanf(colour, "#%02x%02x%02x", &channels[0], &channels[1], &channels[2]); err != nil {
		return math.NaN()
	}
	sum := 0.0
	for i, weight := range [...]float64{0.2126, 0.7152, 0.0722} {
		v := float64(channels[i]) / 255
		if v <= 0.03928 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
