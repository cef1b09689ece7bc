package report_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/bench/report"
	"example.com/rates/bench/stat"
)

func TestTableIsAlignedMarkdown(t *testing.T) {
	table := report.Table{Head: []string{"what", "µs", ""}, Words: []int{2}}
	table.Add("hot", "1,234", "reached")
	table.Add("über", "5", "")
	want := `| what | µs    |         |
| ---  | --:   | ---     |
| hot  | 1,234 | reached |
| über | 5     |         |
`
	if diff := cmp.Diff(want, table.String()); diff != "" {
		t.Error(diff)
	}
}

func TestNumbersHaveThreeDigits(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", 0.01234: "0.012", 0.87216: "0.872", 1.256: "1.26", 27.34: "27.3", 104.4: "104",
		999.6: "1,000", 12345.6: "12,346", 1234567: "1,234,567",
		math.NaN(): report.NotMeasured, math.Inf(1): report.NotMeasured,
	} {
		if got := report.Number(f); got != want {
			t.Errorf("%v: got %q, want %q", f, got, want)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   string
	}{
		{[]float64{2, 1, 4}, "2.00 (1.00–4.00)"},
		{[]float64{2}, "2.00"},
		{nil, report.NotMeasured},
	} {
		if got := report.Spread(stat.Summarize(test.values)); got != test.want {
			t.Errorf("%v: got %q, want %q", test.values, got, test.want)
		}
	}
}

// The maximum of a hundred times is no p99.9.
func TestLatencyNeedsEnoughAnswers(t *testing.T) {
	times := make([]time.Duration, 100)
	for i := range times {
		times[i] = time.Duration(i+1) * time.Millisecond
	}
	for q, want := range map[float64]string{0.5: "50.0", 0.99: "99.0", 0.999: "too few"} {
		if got := report.Latency(times, q); got != want {
			t.Errorf("%v: got %q, want %q", q, got, want)
		}
	}
}

func TestTargets(t *testing.T) {
	tests := []struct {
		name   string
		target *report.Target
		figure float64
		want   [2]string
	}{
		{"enough", report.AtLeast(0.33), 0.33, [2]string{"at least 0.33", "reached"}},
		{"too little", report.AtLeast(0.33), 0.32, [2]string{"at least 0.33", "not reached"}},
		{"little enough", report.AtMost(1.25), 1.25, [2]string{"at most 1.25", "reached"}},
		{"too much", report.AtMost(1.25), 1.26, [2]string{"at most 1.25", "not reached"}},
		{"unknown", report.AtMost(1.25), math.NaN(), [2]string{"at most 1.25", report.NotMeasured}},
		{"none", nil, 1, [2]string{"", ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			target, verdict := test.target.Cells(test.figure)
			if diff := cmp.Diff(test.want, [2]string{target, verdict}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func document(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Only the text between the markers of the name changes, however often.
func TestInsertReplacesOnlyItsOwnPart(t *testing.T) {
	path := document(t, "# Title\n\n<!-- run:begin -->\nold\n<!-- run:end -->\n\n<!-- scale:begin -->\nkept\n<!-- scale:end -->\n")
	for range 2 {
		if err := report.Insert(path, "run", "| new |\n"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "# Title\n\n<!-- run:begin -->\n\n| new |\n\n<!-- run:end -->\n\n<!-- scale:begin -->\nkept\n<!-- scale:end -->\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// A document without the markers stays unchanged.
func TestInsertNeedsBothMarkers(t *testing.T) {
	for _, text := range []string{"nothing", "<!-- run:begin -->", "<!-- run:end --> <!-- run:begin -->"} {
		path := document(t, text)
		if err := report.Insert(path, "run", "new"); err == nil || !strings.Contains(err.Error(), "<!-- run:begin -->") {
			t.Errorf("%q: got %v", text, err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
}

func TestMachineNamesPlaceAndTime(t *testing.T) {
	m := report.Machine{
		CPU: "Some CPU", Cores: 2, Memory: 8 << 30, Kernel: "Linux 6.1", Go: "go1.26", Postgres: "15.4", Date: "2021-01-31", Load: 0.25,
	}
	want := "Measured on 2021-01-31: Some CPU, 2 cores, 8 GiB of memory, Linux 6.1, go1.26, PostgreSQL 15.4; load average before the run 0.2."
	if got := m.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
