package embedded

import (
	"os"
	"slices"
	"testing"
)

// Every variable of libpq is removed, and no other.
func TestIsolate(t *testing.T) {
	Isolate() // those of the machine
	t.Setenv("PGSERVICE", "prod")
	t.Setenv("PGCONNECT_TIMEOUT", "abc")
	t.Setenv("PG_COLOR", "")
	t.Setenv("RATES_PG", "kept")
	want := []string{"PGCONNECT_TIMEOUT", "PGSERVICE", "PG_COLOR"}
	if got := Isolate(); !slices.Equal(got, want) {
		t.Errorf("removed %q, want %q", got, want)
	}
	for _, name := range want {
		if value, there := os.LookupEnv(name); there {
			t.Errorf("%s is still %q", name, value)
		}
	}
	if os.Getenv("RATES_PG") != "kept" {
		t.Error("RATES_PG was removed")
	}
}
