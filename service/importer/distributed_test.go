package importer_test

import (
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/importer"
)

// The sums of a distributed database are verified and repaired like any others.
func TestVerifyDistributed(t *testing.T) {
	database := dbtest.NewWorld(t)
	database.PretendCitus(t)
	database.Exec(t, `UPDATE daily_rates SET total = total + 1 WHERE (orig, dest) = ('CNGGZ', 'EETLL')`)
	wrong := dbtest.Value[int64](t, database.Connect(t), `SELECT count(*) FROM daily_rates WHERE (orig, dest) = ('CNGGZ', 'EETLL')`)
	conn := database.Connect(t)
	for i, want := range []int64{wrong, wrong, 0} {
		_, found, err := importer.NewLoader(conn).Verify(t.Context(), i == 1)
		if err != nil || found != want || wrong == 0 {
			t.Errorf("verification %d found %d wrong sums, %v; want %d", i+1, found, err, want)
		}
	}
}
