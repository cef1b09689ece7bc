package compose

import (
	"strings"
	"testing"
)

// Each start gives the service a login, before the service runs, and says who asked.
func TestStartRotatesTheLogin(t *testing.T) {
	r := start(t, withCase(""), port(t, false))
	calls := read(t, r.calls)
	rotated := strings.Index(calls, "compose run --rm -T rotate login rotate --publish=file:/run/service/pg_service.conf --asked-by=")
	if served := strings.Index(calls, "compose up --detach rates"); r.failed || rotated < 0 || served < rotated {
		t.Errorf("it called:\n%s%s", calls, r.out)
	}
	if !strings.Contains(calls, "--reason=make start-app-db") {
		t.Errorf("no reason is given:\n%s", calls)
	}
}
