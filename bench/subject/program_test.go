package subject

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNewestVersionFirst(t *testing.T) {
	got := []string{"/usr/lib/postgresql/9/bin", "/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/17/bin"}
	slices.SortFunc(got, newestFirst)
	want := []string{"/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/9/bin"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The caller's environment does not change a run.
func TestServiceIgnoresTheEnvironment(t *testing.T) {
	t.Setenv("RATES_CACHE_MB", "7")
	t.Setenv("GOGC", "off")
	for _, setting := range (Program{}).Command("postgres://", "serve").Env {
		if setting == "RATES_CACHE_MB=7" || setting == "GOGC=off" {
			t.Errorf("%s is inherited", setting)
		}
	}
}
