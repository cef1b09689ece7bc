// Package page draws the pages that people see in a browser: the form of a
// question, its answer and problems. It knows no HTTP: what a page shows is in a
// View.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"strings"

	"example.com/rates/service/chart"
	"example.com/rates/service/rates"
)

// View is what a page shows. Parts that are nil are left out.
type View struct {
	Title   string // also the heading
	Lead    string // a sentence below the heading
	Form    *Form
	Problem *Problem
	Result  *Result
	Places  *Places

	Reference bool // whether it shows the reference of the API
}

// Problem says why a question was not answered.
type Problem struct {
	Detail    string
	Parameter string // the name of the field to blame, or ""
	Hints     []Link // to close questions that would have been answered
	RequestID string
}

// Link is a text that leads to a URL of this service.
type Link struct{ Text, URL string }

//go:embed templates
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"asset": assetURL}).ParseFS(files, "templates/*.html"))

// Draw returns the page as HTML.
func Draw(v View) ([]byte, error) {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, "page.html", v); err != nil {
		return nil, fmt.Errorf("draw the page: %w", err)
	}
	return bytes.Clone(out.Bytes()), nil // no larger than the page, since pages are kept
}

// Elsewhere reports whether there is a problem that no field of the form shows.
func (v View) Elsewhere() bool {
	return v.Problem != nil && (v.Form == nil || !v.Form.has(v.Problem.Parameter))
}

// Reference returns the page that says what programs may ask, as openapi.yaml does.
func Reference() View {
	return View{
		Title: "The API for programs", Reference: true,
		Lead: "What can be asked, and what is answered. Programs get JSON unless they ask for another form. No key is needed.",
	}
}

// Start returns the page that asks for a question, with the form as it is filled in.
func Start(form *Form, span *Span) View {
	form.offer(span)
	return View{
		Title: "What does a container cost?", Form: form,
		Lead: "Choose two ports or regions and some days: the mean price by day as a chart, a table and a file.",
	}
}

// Answer returns the page with the answer to a question.
func Answer(r *Result) View {
	q := r.Question
	form := NewForm("")
	form.offer(r.Span)
	form.From.Value, form.To.Value = q.From.String(), q.To.String()
	view := View{Form: form, Result: r, Lead: between(q.From, q.To)}
	if !r.Several() {
		lane := q.Lanes[0]
		form.Origin.Value, form.Origin.Place = lane.Origin, lane.OriginName
		form.Destination.Value, form.Destination.Place = lane.Destination, lane.DestinationName
		view.Title = lane.Names()
		return view
	}
	form.Origin.Label, form.Destination.Label = "Another origin", "Another destination"
	for _, lane := range q.Lanes {
		form.Lanes = append(form.Lanes, Chosen{lane.Value(), lane.Label()})
	}
	view.Title = fmt.Sprintf("%d lanes compared", len(q.Lanes))
	return view
}

// grouped writes a number with commas between thousands.
func grouped(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return whole
}

// usd writes a mean in dollars and cents.
func usd(mean float64) string { return grouped(fmt.Sprintf("%.2f", mean)) }

// Span is the first and the last day that have prices.
type Span struct{ First, Last rates.Day }

// Version names what pages look like: it changes with their templates, assets and
// charts, as a sample shows them.
func Version() string {
	days := []rates.DailyRate{{Day: 3, Total: 3463, Count: 3}, {Day: 1, Total: 20, Count: 2}}
	lane := Lane{"CNGGZ", "EETLL", "Guangzhou", "Tallinn"}
	one := &Result{
		Question: Question{From: 0, To: 5, Lanes: []Lane{lane}}, Answers: []rates.Answer{{Rates: days}},
		Span: &Span{First: -9, Last: 9}, MaxDays: 100,
	}
	two := *one
	two.Question.Lanes = []Lane{lane, {"EETLL", "CNGGZ", "Tallinn", "Guangzhou"}}
	two.Answers = []rates.Answer{one.Answers[0], {}}
	sum := sha256.New()
	for _, result := range []*Result{one, &two} {
		b, err := Draw(Answer(result))
		if err != nil {
			panic(err) // the templates are part of the program
		}
		sum.Write(chart.AppendDocument(b, result.Drawing()))
	}
	const enough = 6
	return hex.EncodeToString(sum.Sum(nil)[:enough])
}
