package scale

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"example.com/rates/bench/process"
	"example.com/rates/bench/report"
)

// largeFrom is the number of prices from which imports are measured once.
const largeFrom = 20_000_000

// load makes the database of one size and measures how long that takes. 0 stands
// for db/rates.sql.
func (r *runner) load(ctx context.Context, prices int64) (err error) {
	s := &Size{Prices: prices, Source: "rates generate"}
	if prices == 0 {
		s.Source = "db/rates.sql"
		if s.month, err = monthFrom("2021-01-01"); err == nil {
			s.dump, err = r.seedDump()
		}
	} else {
		r.Log.Printf("generate %s prices", report.Count(prices))
		var took time.Duration
		if s.month, err = monthFrom("2000-01-01"); err == nil {
			s.dump, took, err = r.generate(ctx, prices)
			s.Import.GenerateSeconds = took.Seconds()
		}
	}
	if err != nil {
		return err
	}
	file, err := os.Stat(s.dump.path)
	if err != nil {
		return fmt.Errorf("look at the dump: %w", err)
	}
	s.Import.DumpBytes = file.Size()
	if err := r.keep(ctx, s); err != nil {
		return err
	}
	if err := r.measureImports(ctx, s); err != nil {
		return err
	}
	r.Sizes = append(r.Sizes, s)
	if prices > 0 {
		return os.Remove(s.dump.path)
	}
	return nil
}

func (r *runner) measureImports(ctx context.Context, s *Size) error {
	rounds := r.ImportRounds
	if s.Prices >= largeFrom {
		rounds = 1
	}
	for round := range rounds {
		show := func(what string) {
			r.Log.Printf("%s prices: %s, round %d of %d", report.Count(s.Prices), what, round+1, rounds)
		}
		show("rates import")
		took, err := r.timeImport(ctx, s)
		if err != nil {
			return err
		}
		took.addTo(&s.Import.ImportSeconds, &s.Import.ImportCPU)
		if r.psql == "" {
			continue
		}
		show("psql")
		if took, err = r.timePsql(ctx, s); err != nil {
			return err
		}
		took.addTo(&s.Import.PsqlSeconds, &s.Import.PsqlCPU)
	}
	return nil
}

const scratch = "scratch"

// timeImport measures rates import of a file into an empty database.
func (r *runner) timeImport(ctx context.Context, s *Size) (took cost, err error) {
	db, err := r.Cluster.CreateMigrated(ctx, r.Program, scratch)
	if err != nil {
		return cost{}, err
	}
	defer func() { err = errors.Join(err, r.Cluster.Drop(context.WithoutCancel(ctx), scratch)) }()
	return r.timed(ctx, r.Program.Command(db.Owner, "import", s.dump.path))
}

// bareTables are the tables of a dump, without constraints and indexes.
const bareTables = `
CREATE TABLE regions (slug text NOT NULL, name text NOT NULL, parent_slug text);
CREATE TABLE ports (code text NOT NULL, name text NOT NULL, parent_slug text NOT NULL);
CREATE TABLE prices (orig_code text NOT NULL, dest_code text NOT NULL, day date NOT NULL, price integer NOT NULL)`

// timePsql measures psql with the same rows into tables without indexes, and
// counts them.
func (r *runner) timePsql(ctx context.Context, s *Size) (took cost, err error) {
	db, err := r.Cluster.Create(ctx, scratch)
	if err != nil {
		return cost{}, err
	}
	defer func() { err = errors.Join(err, r.Cluster.Drop(context.WithoutCancel(ctx), scratch)) }()
	psql := func(args ...string) process.Config {
		return process.Config{Path: r.psql, Args: append([]string{
			"--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--dbname=" + db.Owner,
		}, args...)}
	}
	if _, err := process.Output(ctx, psql("--command="+bareTables)); err != nil {
		return cost{}, err
	}
	if took, err = r.timed(ctx, psql("--file="+s.dump.plain)); err != nil {
		return cost{}, err
	}
	count, err := process.Output(ctx, psql("--command=SELECT count(*) FROM prices"))
	if err == nil && strings.TrimSpace(count) != strconv.FormatInt(s.Prices, 10) {
		err = fmt.Errorf("psql loaded %s prices, not %d", strings.TrimSpace(count), s.Prices)
	}
	return took, err
}

// cost is what one load took.
type cost struct {
	wall time.Duration
	cpu  time.Duration // of the program and the database server; 0 if it is unknown
}

// addTo appends the cost, in seconds.
func (c cost) addTo(wall, cpu *[]float64) {
	*wall = append(*wall, c.wall.Seconds())
	if c.cpu > 0 {
		*cpu = append(*cpu, c.cpu.Seconds())
	}
}

// timed measures one load, after a checkpoint.
func (r *runner) timed(ctx context.Context, load process.Config) (took cost, err error) {
	if err := r.Cluster.Exec(ctx, "CHECKPOINT"); err != nil {
		return cost{}, err
	}
	before, err := r.serverCPU()
	if err != nil {
		return cost{}, err
	}
	start := time.Now()
	_, ended, err := process.Run(ctx, load)
	took.wall = time.Since(start)
	if err != nil || r.Meter == nil {
		return took, err
	}
	after, err := r.serverCPU()
	took.cpu = after - before + ended.CPU()
	return took, err
}

// serverCPU returns the time of all processes of the database server so far, 0 if it
// is unknown.
func (r *runner) serverCPU() (time.Duration, error) {
	if r.Meter == nil {
		return 0, nil
	}
	return r.Meter.TreeCPU(r.Cluster.Postmaster())
}

// keep loads the data through a pipe into the database for the requests.
func (r *runner) keep(ctx context.Context, s *Size) (err error) {
	r.Log.Printf("%s prices: through a pipe", report.Count(s.Prices))
	if s.db, err = r.Cluster.CreateMigrated(ctx, r.Program, "rates_"+strconv.FormatInt(s.Prices, 10)); err != nil {
		return err
	}
	if err := r.Cluster.Exec(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	start := time.Now()
	if s.Import.PeakMemoryBytes, err = r.pipe(ctx, s); err != nil {
		return err
	}
	s.Import.PipeSeconds = time.Since(start).Seconds()
	conn, err := s.db.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it is idle
	r.Log.Printf("%s prices: vacuum and count", report.Count(s.Prices))
	if _, err := conn.Exec(ctx, "VACUUM (ANALYZE) daily_rates"); err != nil {
		return fmt.Errorf("vacuum: %w", err)
	}
	var loaded int64
	err = conn.QueryRow(ctx, `SELECT (SELECT count(*) FROM prices), (SELECT count(*) FROM daily_rates), pg_database_size(current_database())`).
		Scan(&loaded, &s.DailyRates, &s.DatabaseBytes)
	if err != nil {
		return fmt.Errorf("count the loaded rows: %w", err)
	}
	if s.Prices != 0 && loaded != s.Prices {
		return fmt.Errorf("loaded %[2]d prices instead of %[1]d", s.Prices, loaded)
	}
	s.Prices = loaded
	return nil
}

// pipe runs rates generate | rates import -, or rates import - on db/rates.sql, and
// returns the peak memory of the import.
func (r *runner) pipe(ctx context.Context, s *Size) (peak uint64, err error) {
	var in *os.File
	var source *process.Process
	if s.Prices == 0 {
		in, err = os.Open(filepath.Clean(s.dump.path))
	} else {
		in, source, err = r.startGenerate(s.Prices)
	}
	if err != nil {
		return 0, fmt.Errorf("open the data: %w", err)
	}
	cfg := r.Program.Command(s.db.Owner, "import", "-")
	cfg.In, cfg.Log = in, filepath.Join(r.Folder, "import.log")
	importing, err := process.Start(cfg)
	_ = in.Close() // the import has its own handle
	if err == nil {
		if peak, err = r.Meter.WaitPeak(ctx, importing); err != nil {
			err = importing.Explain(fmt.Errorf("rates import: %w", err))
		}
	}
	if source == nil {
		return peak, err
	}
	// It ends when its reader does.
	return peak, errors.Join(err, source.Wait(ctx))
}

// startGenerate starts rates generate and returns its output.
func (r *runner) startGenerate(prices int64) (*os.File, *process.Process, error) {
	in, out, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	cfg := r.Program.Command("", "generate", "--prices="+strconv.FormatInt(prices, 10))
	cfg.Out = out
	source, err := process.Start(cfg)
	_ = out.Close() // the program has its own handle
	if err != nil {
		_ = in.Close() // nothing was written
	}
	return in, source, err
}
