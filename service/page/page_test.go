package page_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"example.com/rates/service/page"
	"example.com/rates/service/rates"
)

func day(t testing.TB, text string) rates.Day {
	t.Helper()
	d, err := rates.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// result returns the answer for some lanes on three days: a mean, a day that is
// withheld and one without prices.
func result(t testing.TB, lanes ...page.Lane) *page.Result {
	t.Helper()
	last := day(t, "2021-01-31")
	r := &page.Result{
		Question: page.Question{From: last - 2, To: last, Lanes: lanes},
		Site:     "https://rates.example.com", MaxDays: 3660,
		Span: &page.Span{First: day(t, "2019-01-01"), Last: last},
	}
	for range lanes {
		r.Answers = append(r.Answers, rates.Answer{Rates: []rates.DailyRate{
			{Day: last, Total: 3_703_703, Count: 3}, {Day: last - 1, Total: 2000, Count: 2},
		}})
	}
	return r
}

var (
	baltic = page.Lane{Origin: "CNGGZ", Destination: "EETLL", OriginName: "Guangzhou", DestinationName: "Tallinn"}
	north  = page.Lane{Origin: "china", Destination: "north-sea", OriginName: "China", DestinationName: "North Sea"}
)

// What is wrong with a field is said with the labels that are on the page.
func TestBlameNamesFieldsByTheirLabels(t *testing.T) {
	said := func(parameter, detail string) string {
		form := page.NewForm("")
		form.Blame(&page.Problem{Parameter: parameter, Detail: detail})
		return strings.Join([]string{form.Origin.Problem, form.Destination.Problem, form.From.Problem, form.To.Problem, form.LanesProblem}, "|")
	}
	for _, test := range []struct{ parameter, detail, want string }{
		{"orig_code", "orig_code is required.", "Origin is required.||||"},
		{"dest_code", "dest_code is given 2 times. Give it once.", "|Destination is given 2 times. Give it once.|||"},
		{"date_from", "date_from is after date_to, which is 2021-01-31. Swap them.", "||From is after To, which is 2021-01-31. Swap them.||"},
		{"date_to", "date_to must be a calendar day.", "|||To must be a calendar day.|"},
		{"lane", "lane must be two ports.", "||||lane must be two ports."},
		{"orig_code", "There is no such port or region.", "There is no such port or region.||||"},
		{"format", "format must be one of csv and json.", "||||"},
	} {
		if got := said(test.parameter, test.detail); got != test.want {
			t.Errorf("%s: %q is said as %q, want %q", test.parameter, test.detail, got, test.want)
		}
	}
}

// A page names its language and title, and every field, part and reference in it.
func TestEveryPageCanBeReadAloud(t *testing.T) {
	form := page.NewForm("")
	problem := &page.Problem{Detail: "No.", Parameter: "date_to", RequestID: "id", Hints: []page.Link{{Text: "x", URL: "/"}}}
	form.Blame(problem)
	for name, view := range map[string]page.View{
		"start":   page.Start(page.NewForm(""), nil),
		"answer":  page.Answer(result(t, baltic)),
		"lanes":   page.Answer(result(t, baltic, north)),
		"problem": {Title: "A problem", Form: form, Problem: problem},
		"nothing": {Title: "Not found", Problem: problem},
		"places":  page.Choose(false, nil, []rates.Region{{Slug: "china", Name: "China"}}, nil),
	} {
		root := draw(t, view)
		if lang, _ := get(all(root, "html", "")[0], "lang"); lang != "en" || len(all(root, "h1", "")) != 1 || text(all(root, "title", "")[0]) == "" {
			t.Errorf("%s: the language is %q, with %d headings", name, lang, len(all(root, "h1", "")))
		}
		ids, labelled := map[string]bool{}, map[string]bool{}
		for n := range root.Descendants() {
			if id, ok := get(n, "id"); ok {
				if ids[id] {
					t.Errorf("%s: two elements have the id %s", name, id)
				}
				ids[id] = true
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: %s has %s, which the policy forbids", name, n.Data, a.Key)
				}
			}
		}
		for _, label := range all(root, "label", "for") {
			of, _ := get(label, "for")
			labelled[of] = true
		}
		for _, input := range all(root, "input", "") {
			kind, _ := get(input, "type")
			id, _ := get(input, "id")
			if kind != "hidden" && kind != "checkbox" && !labelled[id] {
				t.Errorf("%s: the field %s has no label", name, id)
			}
		}
		for n := range root.Descendants() {
			for _, reference := range []string{"aria-describedby", "aria-labelledby", "aria-controls", "for"} {
				value, _ := get(n, reference)
				for _, id := range strings.Fields(value) {
					if !ids[id] {
						t.Errorf("%s: %s refers to %s, which is not there", name, reference, id)
					}
				}
			}
		}
	}
}

// The table has a row for each day, newest first, with what the chart shows.
func TestTable(t *testing.T) {
	root := draw(t, page.Answer(result(t, baltic)))
	table := all(root, "table", "")[0]
	if got := text(all(table, "caption", "")[0]); got != "Guangzhou → Tallinn. Mean price in USD and number of prices by day, 29–31 January 2021, newest first" {
		t.Errorf("the caption is %q", got)
	}
	if got := texts(all(table, "th", "scope")); !slices.Equal(got, []string{"Day", "Mean, USD", "Prices", "2021-01-31", "2021-01-30", "2021-01-29"}) {
		t.Errorf("the headings are %q", got)
	}
	if got := texts(all(table, "td", "")); !slices.Equal(got, []string{"1,234,567.67", "3", "withheld", "2", "–", "0"}) {
		t.Errorf("the cells are %q", got)
	}
	two := all(draw(t, page.Answer(result(t, baltic, north))), "table", "")[0]
	if got := texts(all(two, "th", "colspan")); !slices.Equal(got, []string{"A Guangzhou → Tallinn", "B China → North Sea"}) {
		t.Errorf("the lanes are %q", got)
	}
	if got := len(all(two, "td", "")); got != 12 {
		t.Errorf("the table of two lanes and three days has %d cells", got)
	}
}

// Links and commands ask the same question for programs.
func TestAddressesOfTheAnswer(t *testing.T) {
	const days = "/rates?date_from=2021-01-29&date_to=2021-01-31"
	one := draw(t, page.Answer(result(t, baltic)))
	const question = days + "&orig_code=CNGGZ&dest_code=EETLL"
	hrefs := func(root *html.Node) (list []string) {
		for _, a := range all(root, "a", "href") {
			href, _ := get(a, "href")
			list = append(list, href)
		}
		return list
	}
	for _, want := range []string{question + "&format=json", question + "&format=csv&download=1", question + "&format=svg"} {
		if !slices.Contains(hrefs(one), want) {
			t.Errorf("there is no link to %s in %q", want, hrefs(one))
		}
	}
	if got := texts(all(one, "code", "")); !slices.Equal(got, []string{
		"curl 'https://rates.example.com" + question + "'", `=IMPORTDATA("https://rates.example.com` + question + `&format=csv")`,
	}) {
		t.Errorf("the commands are %q", got)
	}
	two := draw(t, page.Answer(result(t, baltic, north)))
	for _, want := range []string{
		days + "&orig_code=china&dest_code=north-sea&format=json", question + "&format=csv&download=1",
		days + "&lane=CNGGZ.EETLL&lane=china.north-sea&format=svg",
	} {
		if !slices.Contains(hrefs(two), want) {
			t.Errorf("there is no link to %s in %q", want, hrefs(two))
		}
	}
}

// The form of an answer has its values, so that it can be changed and asked again.
func TestFormOfTheAnswer(t *testing.T) {
	values := func(v page.View) (list []string) {
		for _, input := range all(all(draw(t, v), "form", "")[0], "input", "name") {
			name, _ := get(input, "name")
			value, _ := get(input, "value")
			list = append(list, name+"="+value)
		}
		return list
	}
	if got := values(page.Answer(result(t, baltic))); !slices.Equal(got, []string{"orig_code=CNGGZ", "dest_code=EETLL", "date_from=2021-01-29", "date_to=2021-01-31"}) {
		t.Errorf("the form of one lane has %q", got)
	}
	if got := values(page.Answer(result(t, baltic, north))); !slices.Equal(got, []string{
		"lane=CNGGZ.EETLL", "lane=china.north-sea", "orig_code=", "dest_code=", "date_from=2021-01-29", "date_to=2021-01-31",
	}) {
		t.Errorf("the form of two lanes has %q", got)
	}
	span := &page.Span{First: day(t, "2019-01-01"), Last: day(t, "2021-01-31")}
	if got := values(page.Start(page.NewForm(""), span)); !slices.Equal(got, []string{"orig_code=", "dest_code=", "date_from=2020-11-01", "date_to=2021-01-31"}) {
		t.Errorf("the first form has %q", got)
	}
}

// An answer without prices says which days have some; a long table is folded.
func TestEmptyAndLongAnswers(t *testing.T) {
	empty := result(t, baltic)
	empty.Answers[0].Rates = nil
	if got := text(draw(t, page.Answer(empty))); !strings.Contains(got, "There are no prices for this lane on these days. The data have prices from 2019-01-01 to 2021-01-31.") {
		t.Errorf("the page says %s", got)
	}
	long := result(t, baltic)
	long.Question.From -= 3657
	root := draw(t, page.Answer(long))
	folded := all(all(root, "section", "")[0], "details", "")
	if len(folded) != 1 || text(all(folded[0], "summary", "")[0]) != "Table of 3,660 days" || len(all(folded[0], "tr", "")) != 3661 {
		t.Errorf("%d tables are folded", len(folded))
	}
}

// A program knows its pages by a name that is the same each time.
func TestVersion(t *testing.T) {
	if one, two := page.Version(), page.Version(); one != two || len(one) != 12 {
		t.Errorf("the versions are %q and %q", one, two)
	}
}
