package importer

import (
	"errors"
	"io"
	"sync"

	"example.com/rates/service/importer/dump"
)

// priceRows reads as the prices of a file in the binary form of COPY, one COPY
// after another.
type priceRows struct {
	file     *dump.Reader
	each     func(*dump.Record) error // called with every record of the file
	progress func(prices int64)

	mu    sync.Mutex // guards all that follows
	sent  int64      // rows in all
	left  int        // rows that the current COPY still takes
	ended bool       // the file has no more rows
	err   error      // of reading the file

	buf  []byte // encoded and not yet read
	at   int
	done bool // the trailer is in buf
	rec  dump.Record
}

// begin starts another COPY.
func (p *priceRows) begin(rows int) {
	p.left, p.done, p.at = rows, false, 0
	p.buf = append(p.buf[:0], copyHeader...)
}

// Read implements io.Reader.
func (p *priceRows) Read(into []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return 0, p.err
	}
	if p.at == len(p.buf) {
		if p.done {
			return 0, io.EOF
		}
		p.buf, p.at = p.buf[:0], 0
	}
	const chunk = 64 << 10
	for !p.done && len(p.buf) < chunk {
		if err := p.next(); err != nil {
			return 0, err
		}
	}
	n := copy(into, p.buf[p.at:])
	p.at += n
	return n, nil
}

// end stops reading the file and returns the error that reading it gave, if
// any. When a connection breaks, the driver returns from a COPY while it still
// reads.
func (p *priceRows) end() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.err
	p.err = io.ErrClosedPipe
	return err
}

// next encodes the next price, or the trailer after the last.
func (p *priceRows) next() error {
	err := p.nextPrice()
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		p.ended = true
		p.left = 0
	default:
		p.err = err
		return err
	}
	if p.left == 0 {
		p.buf = append(p.buf, copyTrailer...)
		p.done = true
		return nil
	}
	price := &p.rec.Price
	const columns = 4
	p.buf = append(p.buf, 0, columns)
	p.buf = appendText(p.buf, price.Origin)
	p.buf = appendText(p.buf, price.Destination)
	p.buf = appendInt32(p.buf, int32(price.Day))
	p.buf = appendInt32(p.buf, price.USD)
	p.left--
	p.sent++
	if p.sent%progressStep == 0 {
		p.progress(p.sent)
	}
	return nil
}

// nextPrice reads until the next price, unless this COPY is full. It returns
// io.EOF at the end of the file.
func (p *priceRows) nextPrice() error {
	for p.left > 0 {
		if err := p.file.Read(&p.rec); err != nil {
			return err
		}
		if err := p.each(&p.rec); err != nil {
			return err
		}
		if p.rec.Kind == dump.Prices {
			return nil
		}
	}
	return nil
}
