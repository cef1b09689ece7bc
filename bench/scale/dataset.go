package scale

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"example.com/rates/bench/process"
	"example.com/rates/bench/report"
	"example.com/rates/bench/subject"
	"example.com/rates/service/rates"
)

// dumpFile is a dump, whole and as COPY statements alone.
type dumpFile struct {
	path  string // for rates import
	plain string // for psql: COPY statements
}

// month is 31 days with prices.
type month struct{ first, last rates.Day }

func monthFrom(first string) (month, error) {
	day, err := rates.ParseDay(first)
	return month{first: day, last: day + 30}, err
}

// seedDump returns db/rates.sql.
func (r *runner) seedDump() (dumpFile, error) {
	d := dumpFile{
		path:  filepath.Join(subject.Checkout, "db", "rates.sql"),
		plain: filepath.Join(r.Folder, "copy.sql"),
	}
	return d, copyBlocks(d.path, d.plain)
}

// generate writes a dump of so many prices, and returns the time it took.
func (r *runner) generate(ctx context.Context, prices int64) (dumpFile, time.Duration, error) {
	path := filepath.Join(r.Folder, "generated.sql")
	file, err := os.Create(filepath.Clean(path))
	if err != nil {
		return dumpFile{}, 0, fmt.Errorf("make the dump: %w", err)
	}
	start := time.Now()
	cfg := r.Program.Command("", "generate", "--prices="+strconv.FormatInt(prices, 10))
	cfg.Out = file
	_, err = process.Output(ctx, cfg)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return dumpFile{path: path, plain: path}, time.Since(start), err
}

// copyBlocks copies only the COPY statements of a dump, with their rows, for psql
// to load into existing tables.
func copyBlocks(from, to string) (err error) {
	in, err := os.Open(filepath.Clean(from))
	if err != nil {
		return fmt.Errorf("open the dump: %w", err)
	}
	defer func() { _ = in.Close() }() // it was only read
	out, err := os.Create(filepath.Clean(to))
	if err != nil {
		return fmt.Errorf("make a dump of COPY alone: %w", err)
	}
	defer func() {
		if closeErr := out.Close(); err == nil {
			err = closeErr
		}
	}()
	return filterCopy(in, out)
}

func filterCopy(in io.Reader, out io.Writer) error {
	lines, kept := bufio.NewScanner(in), bufio.NewWriter(out)
	inside := false
	for lines.Scan() {
		line := lines.Text()
		inside = inside || strings.HasPrefix(line, "COPY ")
		if inside {
			fmt.Fprintln(kept, line)
		}
		inside = inside && line != `\.`
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the dump: %w", err)
	}
	return kept.Flush()
}

// The disk space of a price in bytes: in its database, and in addition while it is
// loaded, for two dumps, a second database and PostgreSQL's sorting. Measured with
// 10 million prices: 114 and 290.
const (
	keptBytes    = 120
	loadingBytes = 350
	fixedBytes   = 2_000_000_000 // the server itself, its log of changes, small sizes
)

// needed returns the most disk space that a run takes, in bytes.
func needed(sizes []int64) int64 {
	var kept, largest int64
	for _, prices := range sizes {
		kept += prices * keptBytes
		largest = max(largest, prices)
	}
	return fixedBytes + kept + largest*loadingBytes
}

// checkDisk returns a note on the space that a run needs, and refuses a run that
// would fill the disk.
func checkDisk(folder string, sizes []int64) (string, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return "", fmt.Errorf("read the free space of %s: %w", folder, err)
	}
	free := float64(disk.Bavail) * float64(disk.Bsize)
	need := float64(needed(sizes))
	note := fmt.Sprintf("this needs about %s MB in %s, where %s MB are free",
		report.Megabytes(need), folder, report.Megabytes(free))
	if free < need {
		return "", errors.New(note + "; free some, or set TMPDIR to a folder with more")
	}
	return note, nil
}
