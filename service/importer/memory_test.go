package importer_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/importer"
)

// repeated is a file with a head and a repeated block of text.
type repeated struct {
	head, block string
	blocks      int64
	ended       atomic.Bool // the end was read
}

func (r *repeated) ReadAt(b []byte, offset int64) (n int, err error) {
	head, block := int64(len(r.head)), int64(len(r.block))
	for n < len(b) {
		at := offset + int64(n)
		switch {
		case at < head:
			n += copy(b[n:], r.head[at:])
		case at < head+r.blocks*block:
			n += copy(b[n:], r.block[(at-head)%block:])
		default:
			r.ended.Store(true)
			return n, io.EOF
		}
	}
	return n, nil
}

// heap returns the bytes in use.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// An import takes the same memory for a file of any size: two million prices, of
// 30 bytes each in the file, need 8 MiB, or 24 MiB if the importer sums them up.
// With the race detector a fifth of them must do, which is still too large to fit.
func TestImportTakesConstantMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: -short leaves out loading two million prices")
	}
	t.Run("added to others", func(t *testing.T) {
		shown := importHuge(t, dbtest.NewWorld(t), 8<<20)
		if shown["checking"] != shown["loading"] {
			t.Errorf("shown: %v", shown)
		}
	})
	t.Run("the first", func(t *testing.T) {
		database := dbtest.NewWorld(t)
		database.Exec(t, `TRUNCATE prices`)
		importHuge(t, database, 24<<20)
	})
}

// importHuge imports many prices, and returns how many each step showed.
func importHuge(t *testing.T, database dbtest.Database, bound uint64) (shown map[string]int64) {
	t.Helper()
	const lines = 1_000
	blocks := int64(2_000)
	if raced {
		blocks /= 5
	}
	var block strings.Builder
	for i := range lines {
		fmt.Fprintf(&block, "NOOSL,CNGGZ,2021-%02d-%02d,%d\n", 1+i%12, 1+i%28, i)
	}
	rows := &repeated{head: "orig_code,dest_code,day,price\n", block: block.String(), blocks: blocks}
	huge := importer.File{Name: "huge.csv", Content: rows}
	before, most := heap(), uint64(0)
	shown = map[string]int64{}
	done := load(t, database, importer.Options{Progress: func(p importer.Progress) {
		most = max(most, heap())
		shown[p.Step] = max(shown[p.Step], p.Prices)
	}}, huge)
	if most > before+bound {
		t.Errorf("%d bytes were in use, %d before", most, before)
	}
	prices := blocks * lines
	if done[0].Prices != prices || shown["loading"] != prices {
		t.Errorf("imported %d prices, shown as %v, want %d", done[0].Prices, shown, prices)
	}
	const sumSQL = `SELECT sum(count)::bigint FROM daily_rates WHERE orig = 'NOOSL' AND dest = 'CNGGZ'`
	if n := dbtest.Value[int64](t, database.Connect(t), sumSQL); n != prices {
		t.Errorf("the days have %d prices, want %d", n, prices)
	}
	return shown
}
