package sums_test

import (
	"cmp"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"example.com/rates/service/importer/sums"
)

// collect adds up all amounts with an Adder of that many sums in memory.
func collect(t *testing.T, most int, amounts []sums.Sum) []sums.Sum {
	t.Helper()
	adder := sums.NewAdder(most)
	for _, amount := range amounts {
		if err := adder.Add(amount); err != nil {
			t.Fatal(err)
		}
	}
	var all []sums.Sum
	for sum, err := range adder.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sum)
	}
	if err := adder.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Whether the keys fit into memory or not, and in whatever order they are added,
// the sums are right and sorted by key, and no file is left.
func TestAdder(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	r := rand.New(rand.NewPCG(1, 2))
	for _, keys := range []uint64{0, 1, 10, 1000, 1 << 62} {
		var amounts []sums.Sum
		added := map[uint64]sums.Sum{}
		for range min(keys, 1) * 20_000 {
			amount := sums.Sum{Key: r.Uint64N(keys), Total: r.Int64N(1000) - 100, Count: 1 + r.Int64N(3)}
			amounts = append(amounts, amount)
			was := added[amount.Key]
			added[amount.Key] = sums.Sum{Key: amount.Key, Total: was.Total + amount.Total, Count: was.Count + amount.Count}
		}
		var want []sums.Sum
		for _, sum := range added {
			want = append(want, sum)
		}
		slices.SortFunc(want, func(a, b sums.Sum) int { return cmp.Compare(a.Key, b.Key) })
		for _, most := range []int{16, 256, 1 << 16} {
			if got := collect(t, most, amounts); !slices.Equal(got, want) {
				t.Errorf("%d keys, %d sums in memory: %d sums, want %d, or others", keys, most, len(got), len(want))
			}
		}
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
}

// Add fails if there is no room for a temporary file.
func TestNoRoom(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/missing")
	adder := sums.NewAdder(2)
	defer adder.Close()
	var err error
	for key := uint64(0); key < 10 && err == nil; key++ {
		err = adder.Add(sums.Sum{Key: key, Count: 1})
	}
	if err == nil {
		t.Error("more keys than fit were added without a temporary file")
	}
}
