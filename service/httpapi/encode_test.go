package httpapi_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/service/rates"
)

// element is one day of an answer, computed without the code under test. A number
// that must not be shown is "".
type element struct{ day, count, price string }

// randomAnswer returns an answer with gaps, days with few prices, and extreme
// means of int32 prices.
func randomAnswer(random *rand.Rand) (rates.Query, rates.Answer, []element) {
	const width = 150
	span := rates.Day(random.IntN(width))
	from := rates.MinDay + rates.Day(random.Int64N(int64(rates.MaxDay-rates.MinDay-span)))
	q := rates.Query{From: from, To: from + span, Origin: "CNGGZ", Destination: "EETLL"}
	answer := rates.Answer{Version: random.Int64()}
	var want []element
	for day := q.To; day >= q.From; day-- {
		expected := element{day: day.Time().Format("2006-01-02")}
		if random.IntN(3) > 0 {
			rate := rates.DailyRate{Day: day, Count: 1 + random.Int64N([]int64{4, 100, 1 << 30}[random.IntN(3)])}
			rate.Total = random.Int64N(rate.Count*[]int64{2, 10_000, math.MaxInt32}[random.IntN(3)] + 1)
			answer.Rates = append(answer.Rates, rate)
			expected.count = fmt.Sprint(rate.Count)
			if rate.Count >= 3 {
				expected.price = shortest(float64(rate.Total) / float64(rate.Count))
			}
		}
		want = append(want, expected)
	}
	return q, answer, want
}

// shortest returns the number with the fewest digits that parses to f.
func shortest(f float64) string {
	const enough = 17
	for digits := 1; digits < enough; digits++ {
		s := strconv.FormatFloat(f, 'g', digits, 64)
		if back, err := strconv.ParseFloat(s, 64); err == nil && back == f {
			return plain(s)
		}
	}
	return plain(strconv.FormatFloat(f, 'g', enough, 64))
}

// plain formats a decimal without an exponent.
func plain(s string) string {
	digits, exponent, found := strings.Cut(s, "e")
	if !found {
		return s
	}
	shift, err := strconv.Atoi(exponent)
	if err != nil {
		panic(err)
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if shift < 0 {
		return "0." + strings.Repeat("0", -shift-1) + whole + fraction
	}
	return whole + fraction + strings.Repeat("0", shift-len(fraction))
}

func readJSON(t *testing.T, body string) []element {
	t.Helper()
	var doc struct {
		Rates []struct {
			Day          string
			Count, Price *json.Number
		}
	}
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	got := make([]element, len(doc.Rates))
	for i, rate := range doc.Rates {
		got[i].day = rate.Day
		if rate.Count != nil {
			got[i].count = rate.Count.String()
		}
		if rate.Price != nil {
			got[i].price = rate.Price.String()
		}
	}
	return got
}

func readCSV(t *testing.T, body string) []element {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	if fmt.Sprint(rows[0]) != "[day price count]" {
		t.Fatalf("the header is %q", rows[0])
	}
	got := make([]element, len(rows)-1)
	for i, row := range rows[1:] {
		got[i] = element{day: row[0], price: row[1], count: row[2]}
	}
	return got
}

// JSON and CSV, decoded by the standard library, have the same days, newest first
// without gaps, and counts and means by the rules for few prices.
func TestAnswersDecodeToTheDataOfTheStore(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 60 {
		q, stored, want := randomAnswer(random)
		a := newAPI(t, fakeStore{dailyRates: func(context.Context, rates.Query) (rates.Answer, error) { return stored, nil }})
		target := fmt.Sprintf("/rates?date_from=%s&date_to=%s&orig_code=CNGGZ&dest_code=EETLL", q.From, q.To)
		if diff := cmp.Diff(want, readJSON(t, a.get(t, target).body), cmp.AllowUnexported(element{})); diff != "" {
			t.Fatalf("JSON of %s (-want +got):\n%s", target, diff)
		}
		if diff := cmp.Diff(want, readCSV(t, a.get(t, target, "Accept", "text/csv").body), cmp.AllowUnexported(element{})); diff != "" {
			t.Fatalf("CSV of %s (-want +got):\n%s", target, diff)
		}
	}
}

// The representations of an answer, byte for byte.
func TestAnswerBytes(t *testing.T) {
	last, err := rates.ParseDay("2021-01-31")
	if err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, fakeStore{dailyRates: func(context.Context, rates.Query) (rates.Answer, error) {
		return rates.Answer{Rates: []rates.DailyRate{{Day: last, Total: 3463, Count: 3}, {Day: last - 1, Total: 10, Count: 2}}}, nil
	}})
	target := with("date_from", "2021-01-29")
	for accept, want := range map[string]string{
		"application/json": `{"rates":[{"count":3,"day":"2021-01-31","price":1154.3333333333333},` +
			`{"count":2,"day":"2021-01-30","price":null},{"count":null,"day":"2021-01-29","price":null}]}` + "\n",
		"text/csv": "day,price,count\r\n2021-01-31,1154.3333333333333,3\r\n2021-01-30,,2\r\n2021-01-29,,\r\n",
	} {
		got := a.get(t, target, "Accept", accept)
		if got.body != want {
			t.Errorf("%s:\n got %q\nwant %q", accept, got.body, want)
		}
	}
}

// Concurrent answers do not mix.
func TestConcurrentAnswers(t *testing.T) {
	a := newAPI(t, fakeStore{dailyRates: func(_ context.Context, q rates.Query) (rates.Answer, error) {
		return rates.Answer{Rates: []rates.DailyRate{{Day: q.To, Total: int64(q.To), Count: 3}}}, nil
	}})
	first, err := rates.ParseDay("2021-01-01")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 20 {
				to := first + rates.Day(worker*20+i)
				got := readJSON(t, a.get(t, with("date_to", to.String())).body)
				if len(got) != int(to-first)+1 || got[0].day != to.String() || got[0].price != shortest(float64(to)/3) {
					t.Errorf("the answer until %s begins with %+v and has %d days", to, got[0], len(got))
				}
			}
		})
	}
	wg.Wait()
}

// Lists of places decode to the places of the store; a topmost region has no
// parent.
func TestPlaces(t *testing.T) {
	a := newAPI(t, fakeStore{
		ports: func(context.Context) ([]rates.Port, int64, error) {
			return []rates.Port{{Code: "CNGGZ", Name: "Guangzhou \"<&>\"", Parent: "china"}, {Code: "EETLL", Name: "Tallinn", Parent: "baltic"}}, 7, nil
		},
		regions: func(context.Context) ([]rates.Region, int64, error) {
			return []rates.Region{{Slug: "baltic", Name: "Baltic", Parent: "north"}, {Slug: "north", Name: "North"}}, 7, nil
		},
	})
	empty := newAPI(t, fakeStore{})
	for _, c := range []struct {
		api          *api
		target, want string
	}{
		{a, "/ports", `{"ports":[{"code":"CNGGZ","name":"Guangzhou \"<&>\"","region":"china"},{"code":"EETLL","name":"Tallinn","region":"baltic"}]}`},
		{a, "/regions", `{"regions":[{"slug":"baltic","name":"Baltic","parent":"north"},{"slug":"north","name":"North","parent":null}]}`},
		{empty, "/ports", `{"ports":[]}`},
		{empty, "/regions", `{"regions":[]}`},
		{a, "/", `{"message":"Hello world!"}`},
		{a, "/healthz", `{"status":"alive"}`},
		{a, "/readyz", `{"status":"ready"}`},
	} {
		var got, want any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		answer := c.api.get(t, c.target)
		if err := json.Unmarshal([]byte(answer.body), &got); err != nil {
			t.Fatalf("%s: %v\n%s", c.target, err, answer.body)
		}
		if diff := cmp.Diff(want, got); diff != "" || answer.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s has the type %s and differs (-want +got):\n%s", c.target, answer.header.Get("Content-Type"), diff)
		}
	}
}
