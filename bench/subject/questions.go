package subject

import (
	"context"
	"fmt"
	"time"

	"example.com/rates/bench/load"
)

// PortPair is the request of the README: a month between two ports.
const PortPair = "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL"

// Questions returns a function that returns a different request each time: so many
// days from each day of 2021 backwards, for each lane.
func (d Database) Questions(ctx context.Context, days int) (func() string, error) {
	conn, err := d.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it is idle
	lanes, err := Lanes(ctx, conn, "SELECT DISTINCT orig, dest FROM daily_rates ORDER BY orig, dest")
	if err != nil {
		return nil, err
	}
	asked := 0
	first := time.Date(2021, time.January, 1, 0, 0, 0, 0, time.UTC)
	return func() string {
		lane, from := lanes[asked%len(lanes)], first.AddDate(0, 0, -(asked/len(lanes)))
		asked++
		return fmt.Sprintf("/rates?date_from=%s&date_to=%s&orig_code=%s&dest_code=%s",
			from.Format(time.DateOnly), from.AddDate(0, 0, days-1).Format(time.DateOnly), lane.Orig, lane.Dest)
	}, nil
}

// FillCache sends different requests for so many days until the answers have three
// times as many bytes as the cache of the server may hold. It returns their number.
func (s *Server) FillCache(ctx context.Context, db Database, days, boundMB int) (int64, error) {
	const times, mebibyte, connections = 3, 1 << 20, 16
	questions, err := db.Questions(ctx, days)
	if err != nil {
		return 0, err
	}
	next := func() string { return s.URL + questions() }
	return load.Flood(ctx, next, connections, int64(boundMB)*times*mebibyte)
}
