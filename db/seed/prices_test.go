package seed

import (
	"testing"
	"time"
)

type pair struct{ orig, dest string }

type pairDay struct {
	pair
	day time.Time
}

func TestThereAreEnoughPrices(t *testing.T) {
	if n := len(allPrices()); n < 52_000 || n > 58_000 {
		t.Errorf("%d prices, want 52,000 to 58,000", n)
	}
}

func TestPricesArePlausible(t *testing.T) {
	known := map[string]string{}
	top := topRegions()
	for _, p := range ports {
		known[p.code] = top[p.region]
	}
	for _, p := range allPrices() {
		from, to := known[p.orig], known[p.dest]
		if from == "" || to == "" || from == to {
			t.Errorf("a price from %s (%s) to %s (%s)", p.orig, from, p.dest, to)
		}
		if p.usd < 200 || p.usd > 6500 {
			t.Errorf("%s to %s costs %d USD, want 200 to 6500", p.orig, p.dest, p.usd)
		}
		if p.day.Before(firstDay) || p.day.After(lastDay) {
			t.Errorf("%s to %s has a price on %v", p.orig, p.dest, p.day)
		}
	}
}

func TestEveryPortSendsOrReceives(t *testing.T) {
	used := map[string]bool{}
	for _, p := range allPrices() {
		used[p.orig], used[p.dest] = true, true
	}
	for _, p := range ports {
		if !used[p.code] {
			t.Errorf("%s (%s) has no price", p.code, p.name)
		}
	}
}

// Answers are null for days with fewer than three prices: the data needs many days
// on either side of that limit.
func TestDaysHaveZeroOneTwoAndMorePrices(t *testing.T) {
	perDay := map[pairDay]int{}
	perLane := map[pair]int{}
	for _, p := range allPrices() {
		perDay[pairDay{pair{p.orig, p.dest}, p.day}]++
		perLane[pair{p.orig, p.dest}]++
	}
	days := int(lastDay.Sub(firstDay)/(24*time.Hour)) + 1
	daysWith := map[int]int{0: len(perLane)*days - len(perDay)}
	for _, n := range perDay {
		daysWith[min(n, 4)]++
	}
	for n := range 5 {
		if daysWith[n] < 2000 {
			t.Errorf("%d days of a lane have %d prices (4 means 4 or more), want at least 2000", daysWith[n], n)
		}
	}
	dense, sparse := 0, 0
	for _, n := range perLane {
		if n >= 2*days {
			dense++
		}
		if n <= days/3 {
			sparse++
		}
	}
	if dense < 100 || sparse < 100 {
		t.Errorf("%d dense lanes and %d sparse ones, want at least 100 of each", dense, sparse)
	}
}

func TestSilentLaneJoinsBusyPorts(t *testing.T) {
	const orig, dest = "CNSGH", "ISREY"
	leaves, arrives := 0, 0
	for _, p := range allPrices() {
		if p.orig == orig && p.dest == dest {
			t.Errorf("%s to %s has a price on %v", orig, dest, p.day)
		}
		if p.orig == orig {
			leaves++
		}
		if p.dest == dest {
			arrives++
		}
	}
	if leaves == 0 || arrives == 0 {
		t.Errorf("%d prices from %s and %d to %s, want both above 0", leaves, orig, arrives, dest)
	}
}

// The README shows this answer: 31 days of 3 prices, and a mean of
// 1154.3333333333333 on the last two.
func TestReadmeLane(t *testing.T) {
	count, sum := map[int]int{}, map[int]int{}
	for _, p := range allPrices() {
		if p.orig == "CNGGZ" && p.dest == "EETLL" && p.day.Year() == 2021 && p.day.Month() == time.January {
			count[p.day.Day()]++
			sum[p.day.Day()] += p.usd
		}
	}
	for day := 1; day <= 31; day++ {
		if count[day] != 3 {
			t.Errorf("2021-01-%02d has %d prices, want 3", day, count[day])
		}
	}
	for _, day := range []int{30, 31} {
		if sum[day] != 3463 {
			t.Errorf("the prices of 2021-01-%d sum to %d, want 3463", day, sum[day])
		}
	}
}

// A lane has its own source; otherwise a new port would change the whole file, and
// every answer written in tests and documents.
func TestLanesDoNotDisturbEachOther(t *testing.T) {
	ningbo := port{"CNNBO", "Ningbo", "zhejiang", hub}
	rotterdam := port{"NLRTM", "Rotterdam", "benelux", hub}
	hamburg := port{"DEHAM", "Hamburg", "germany", hub}
	first, _ := newLane(ningbo, rotterdam, true)
	other, _ := newLane(ningbo, hamburg, true)
	again, _ := newLane(ningbo, rotterdam, true)
	first.src, other.src, again.src = source{}, source{}, source{}
	if first != again {
		t.Errorf("the same lane is %+v and then %+v", first, again)
	}
	if first.base == other.base && first.drift == other.drift {
		t.Errorf("two lanes are equal: %+v and %+v", first, other)
	}
}
