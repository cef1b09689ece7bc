package page

import (
	"net/url"
	"strings"
)

// Form is the form of a question as it is filled in.
type Form struct {
	From, To            Input
	Origin, Destination Field
	Lanes               []Chosen // to compare
	LanesProblem        string
	LanesHints          []Link
	Span                *Span // of the data; nil if it is not known
}

// Input is a day of the form.
type Input struct {
	Name, Label    string
	Value, Problem string
	Hints          []Link
}

// Chosen is a lane that the form compares.
type Chosen struct{ Value, Text string }

// NewForm returns a form without values. prefix sets its ids apart from those of
// other forms on the page.
func NewForm(prefix string) *Form {
	return &Form{
		From:        Input{Name: "date_from", Label: "From"},
		To:          Input{Name: "date_to", Label: "To"},
		Origin:      Field{Name: "orig_code", ID: prefix + "orig_code", Label: "Origin", Example: "CNGGZ or china"},
		Destination: Field{Name: "dest_code", ID: prefix + "dest_code", Label: "Destination", Example: "EETLL or baltic_states"},
	}
}

// Pick returns a field with the address of the list to choose its place from.
func (f *Form) Pick(field Field) Field {
	values := url.Values{"choose": {field.Name}}
	set := func(name, value string) {
		if value != "" {
			values.Add(name, value)
		}
	}
	set(f.From.Name, f.From.Value)
	set(f.To.Name, f.To.Value)
	set(f.Origin.Name, f.Origin.Value)
	set(f.Destination.Name, f.Destination.Value)
	for _, lane := range f.Lanes {
		set("lane", lane.Value)
	}
	field.PickURL = "/ports?" + values.Encode()
	return field
}

// Blame writes the problem beside the field that caused it, with the labels of the
// fields in place of the names of parameters. The detail of a problem has no value as
// it was sent, so whatever looks like a name is one.
func (f *Form) Blame(p *Problem) {
	detail := strings.NewReplacer(f.Origin.Name, f.Origin.Label, f.Destination.Name, f.Destination.Label,
		f.From.Name, f.From.Label, f.To.Name, f.To.Label).Replace(p.Detail)
	switch p.Parameter {
	case f.Origin.Name:
		f.Origin.Problem, f.Origin.Hints = detail, p.Hints
	case f.Destination.Name:
		f.Destination.Problem, f.Destination.Hints = detail, p.Hints
	case f.From.Name:
		f.From.Problem, f.From.Hints = detail, p.Hints
	case f.To.Name:
		f.To.Problem, f.To.Hints = detail, p.Hints
	case "lane":
		f.LanesProblem, f.LanesHints = detail, p.Hints
	}
}

// has reports whether the form has a field with the name of a parameter.
func (f *Form) has(parameter string) bool {
	switch parameter {
	case f.Origin.Name, f.Destination.Name, f.From.Name, f.To.Name:
		return true
	case "lane":
		return len(f.Lanes) > 0
	default:
		return false
	}
}

// offer proposes days that have prices, unless the form has some.
func (f *Form) offer(span *Span) {
	f.Span = span
	if span == nil || f.From.Value != "" || f.To.Value != "" {
		return
	}
	const quarter = 92
	f.From.Value, f.To.Value = max(span.First, span.Last-quarter+1).String(), span.Last.String()
}

// Field is a field of a form for a place.
type Field struct {
	Name, ID, Label, Example string

	Value   string
	Place   string // the name of the place that Value stands for, or ""
	PickURL string // of the list to choose from
	Problem string
	Hints   []Link
}

// Describes returns the ids of what is said about a field.
func (f Field) Describes() string {
	ids := f.ID + "-hint"
	if f.Problem != "" {
		ids += " " + f.ID + "-problem"
	}
	return ids
}
