package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// Where Citus is loaded no session forces a generic plan, and every answer is the same.
func TestDistributed(t *testing.T) {
	if dbtest.Need(t).Distributed() {
		t.Skip("SKIP: no ordinary server to compare with")
	}
	database := dbtest.NewWorld(t)
	type answers struct {
		Lane, None rates.Answer
		Outline    rates.Outline
	}
	ask := func(citus bool, wantMode string) (got answers) {
		var session *pgx.Conn
		store := openStore(t, database, func(c *postgres.Config) {
			c.Tracer = startTracer(func(conn *pgx.Conn, _ string, _ []any) { session = conn })
		})
		distributed, err := store.Distributed(t.Context())
		if err != nil || distributed != citus {
			t.Fatalf("Distributed is %t, %v; want %t", distributed, err, citus)
		}
		if mode := dbtest.Value[string](t, session, `SHOW plan_cache_mode`); mode != wantMode {
			t.Errorf("plan_cache_mode is %s, want %s", mode, wantMode)
		}
		if got.Lane, err = store.DailyRates(t.Context(), query(t, "CHINA NORTH 2020-12-31 2021-01-05")); err != nil {
			t.Fatal(err)
		}
		if got.None, err = store.DailyRates(t.Context(), query(t, "NOOSL CHINA 2021-01-01 2021-01-05")); err != nil {
			t.Fatal(err)
		}
		if got.Outline, err = store.Outline(t.Context(), "CNGGZ", "BALTIC"); err != nil {
			t.Fatal(err)
		}
		return got
	}
	before := ask(false, "force_generic_plan")
	database.PretendCitus(t)
	if diff := cmp.Diff(before, ask(true, "auto")); diff != "" {
		t.Errorf("(-ordinary +distributed):\n%s", diff)
	}
	if len(before.Lane.Rates) != 4 || before.Outline.First > before.Outline.Last {
		t.Errorf("the answers have too little to compare: %+v", before)
	}
}
