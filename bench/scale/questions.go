package scale

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/bench/load"
	"example.com/rates/bench/report"
	"example.com/rates/bench/stat"
	"example.com/rates/bench/subject"
	"example.com/rates/service/rates"
)

// The names of the questions.
const (
	portToPort           = "port to port"
	continentToContinent = "continent to continent"
	anyPorts             = "port to port, another pair each time"
)

// Buffers are the pages of 8 kB that a statement read.
type Buffers struct {
	Hit  int64 `json:"hit"`  // found in the server's memory
	Read int64 `json:"read"` // read from the system
}

// ask sends the same requests to all sizes, in turns, with the cache off.
func (r *runner) ask(ctx context.Context) error {
	for _, s := range r.Sizes {
		r.Log.Printf("prepare the questions to %s prices", report.Count(s.Prices))
		if err := r.prepare(ctx, s); err != nil {
			return err
		}
	}
	if err := r.calm(ctx); err != nil {
		return err
	}
	for round := range r.Rounds {
		for _, s := range r.Sizes {
			for _, q := range s.Questions {
				r.Log.Printf("round %d of %d: %s prices, %s", round+1, r.Rounds, report.Count(s.Prices), q.Name)
				const warmup = 200
				took, err := load.Sequence(ctx, q.next, warmup, r.Duration)
				if err != nil {
					return fmt.Errorf("%s: %w", q.Name, err)
				}
				q.P50 = append(q.P50, millis(stat.Quantile(took, 0.5)))
				q.P99 = append(q.P99, millis(stat.Quantile(took, 0.99)))
				q.Answers += len(took)
			}
		}
	}
	return nil
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// prepare starts the service on the data, and explains and checks each request.
func (r *runner) prepare(ctx context.Context, s *Size) error {
	conn, err := s.db.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it is idle

	ports := rates.Query{From: s.month.first, To: s.month.last, Origin: "CNGGZ", Destination: "EETLL"}
	regions := ports
	regions.Origin, regions.Destination = "CHINA", "NORTHERN_EUROPE"
	server, err := r.Keep(r.Program.Serve(ctx, r.Folder, path(ports), s.db, 0))
	if err != nil {
		return err
	}
	for _, asked := range []struct {
		name  string
		query rates.Query
	}{{portToPort, ports}, {continentToContinent, regions}} {
		q := &Question{Name: asked.name}
		url := server.URL + path(asked.query)
		q.next = func() string { return url }
		if err := q.explain(ctx, conn, s.db, asked.query); err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
		s.Questions = append(s.Questions, q)
	}
	lanes, err := alike(ctx, conn, ports, s.Questions[0].Days)
	if err != nil {
		return err
	}
	at := 0
	s.Questions = append(s.Questions, &Question{Name: anyPorts, Days: s.Questions[0].Days, next: func() string {
		at++
		return server.URL + path(lanes[at%len(lanes)])
	}})
	return nil
}

func path(q rates.Query) string {
	return fmt.Sprintf("/rates?date_from=%s&date_to=%s&orig_code=%s&dest_code=%s", q.From, q.To, q.Origin, q.Destination)
}

// explain records the plan of the service's own statement, on its second run.
func (q *Question) explain(ctx context.Context, conn *pgx.Conn, db subject.Database, query rates.Query) error {
	statement, days, err := subject.AskStore(ctx, db.Reader, query)
	if err != nil {
		return err
	}
	if days == 0 {
		return errors.New("there are no prices on these days")
	}
	q.Days = days
	var args []any
	for _, value := range statement.Values {
		args = append(args, value)
	}
	rows, err := conn.Query(ctx, "EXPLAIN (ANALYZE, BUFFERS) "+statement.SQL, args...) // #nosec G901 -- the statement that the service itself sent
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	for _, line := range lines {
		q.Plan += line + "\n"
	}
	var plan string
	if err := conn.QueryRow(ctx, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+statement.SQL, args...).Scan(&plan); err != nil { // #nosec G901 -- the same statement
		return fmt.Errorf("explain as JSON: %w", err)
	}
	q.Buffers, err = parseBuffers(plan)
	return err
}

// parseBuffers reads the pages of a statement from the JSON of EXPLAIN.
func parseBuffers(plan string) (Buffers, error) {
	var plans []struct {
		Plan struct {
			Hit  *int64 `json:"Shared Hit Blocks"`
			Read *int64 `json:"Shared Read Blocks"`
		}
	}
	if err := json.Unmarshal([]byte(plan), &plans); err != nil {
		return Buffers{}, fmt.Errorf("read the plan: %w", err)
	}
	if len(plans) != 1 || plans[0].Plan.Hit == nil || plans[0].Plan.Read == nil {
		return Buffers{}, errors.New("the plan does not count pages")
	}
	return Buffers{Hit: *plans[0].Plan.Hit, Read: *plans[0].Plan.Read}, nil
}

// alike returns all queries between two ports with as many days with prices as
// the given one, in the same order on each run.
func alike(ctx context.Context, conn *pgx.Conn, query rates.Query, days int) ([]rates.Query, error) {
	lanes, err := subject.Lanes(ctx, conn, `
SELECT orig, dest FROM daily_rates JOIN ports o ON o.code = orig JOIN ports d ON d.code = dest
WHERE day BETWEEN $1 AND $2 GROUP BY orig, dest HAVING count(*) = $3 ORDER BY orig, dest`,
		query.From.Time(), query.To.Time(), days)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the order is no secret
	random.Shuffle(len(lanes), func(i, j int) { lanes[i], lanes[j] = lanes[j], lanes[i] })
	queries := make([]rates.Query, len(lanes))
	for i, lane := range lanes {
		queries[i] = query
		queries[i].Origin, queries[i].Destination = rates.Place(lane.Orig), rates.Place(lane.Dest)
	}
	return queries, nil
}

// calm waits until the server has finished the work left by loading.
func (r *runner) calm(ctx context.Context) error {
	r.Log.Printf("wait until the database server is idle")
	if err := r.Cluster.Exec(ctx, "ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()", "CHECKPOINT"); err != nil {
		return err
	}
	return r.Cluster.WaitForVacuum(ctx)
}
