package importer

import (
	"bufio"
	"context"
	"io"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/service/rates"
)

// copyTo copies the sums to the database. It calls progress now and then, not at the
// same time, with the number of rows.
func (s *placeSums) copyTo(ctx context.Context, conn *pgconn.PgConn, progress func(rows int64)) error {
	// The table is new in this transaction, so its rows can be frozen.
	const sql = `COPY daily_rates_next (orig, dest, day, total, count) FROM STDIN (FORMAT binary, FREEZE)`
	out, in := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := s.write(in, progress)
		in.CloseWithError(err) // never fails
		written <- err
	}()
	_, err := conn.CopyFrom(ctx, out, sql)
	_ = out.CloseWithError(err) // never fails; lets the writer end
	if cause := <-written; err == nil {
		err = cause
	}
	return failed("copy sums", err)
}

// write writes the sums in the binary form of COPY.
func (s *placeSums) write(to io.Writer, progress func(rows int64)) error {
	const buffer, columns = 64 << 10, 5
	out := bufio.NewWriterSize(to, buffer)
	row := []byte(copyHeader)
	rows := int64(0)
	for sum, err := range s.sums.All() {
		if err != nil {
			return err
		}
		row = append(row, 0, columns)
		row = appendText(row, s.names[sum.Key>>(placeBits+dayBits)])
		row = appendText(row, s.names[sum.Key>>dayBits&placeMask])
		row = appendInt32(row, int32(sum.Key&dayMask)+int32(rates.MinDay))
		row = appendInt64(row, sum.Total)
		row = appendInt64(row, sum.Count)
		if _, err := out.Write(row); err != nil {
			return err
		}
		row = row[:0]
		if rows++; rows%progressStep == 0 {
			progress(rows)
		}
	}
	if _, err := out.Write(append(row, copyTrailer...)); err != nil {
		return err
	}
	return out.Flush()
}
