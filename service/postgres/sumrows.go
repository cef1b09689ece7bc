package postgres

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/service/rates"
)

// copyTo hands the sums to the database.
func (s *placeSums) copyTo(ctx context.Context, conn *pgconn.PgConn) error {
	// Nobody has seen the new table yet, so its rows need no later visit.
	const sql = `COPY daily_rates_next (orig, dest, day, total, count) FROM STDIN (FORMAT binary, FREEZE)`
	out, in := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := s.write(in)
		in.CloseWithError(err) // never fails
		written <- err
	}()
	_, err := conn.CopyFrom(ctx, out, sql)
	out.CloseWithError(err) // lets the writer end
	if cause := <-written; err == nil {
		err = cause
	}
	return failed("copy sums", err)
}

// write writes the sums in the binary form of COPY.
func (s *placeSums) write(to io.Writer) error {
	const buffer, columns = 64 << 10, 5
	out := bufio.NewWriterSize(to, buffer)
	row := []byte(copyHeader)
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
	}
	if _, err := out.Write(append(row, copyTrailer...)); err != nil {
		return err
	}
	return out.Flush()
}

// The binary form of COPY: PostgreSQL's documentation of COPY, "Binary Format".
const (
	copyHeader = "PGCOPY\n\377\r\n\000" + // signature
		"\000\000\000\000" + // flags
		"\000\000\000\000" // length of the header's extension
	copyTrailer = "\377\377"
)

func appendText(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

func appendInt32(b []byte, n int32) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(n))
}

func appendInt64(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(n))
}
