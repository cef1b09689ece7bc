package importer

import "encoding/binary"

// The binary form of COPY: PostgreSQL's documentation of COPY, "Binary Format".
// Its integers are big-endian, in two's complement.
const (
	copyHeader = "PGCOPY\n\377\r\n\000" + // signature
		"\000\000\000\000" + // flags
		"\000\000\000\000" // length of the header's extension
	copyTrailer = "\377\377"
)

func appendText(b []byte, s string) []byte {
	size := uint32(len(s)) // #nosec G115 -- PostgreSQL has no text of over 1 GB
	return append(binary.BigEndian.AppendUint32(b, size), s...)
}

func appendInt32(b []byte, n int32) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(n)) // #nosec G115 -- two's complement on both sides
}

func appendInt64(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(n)) // #nosec G115 -- two's complement on both sides
}
