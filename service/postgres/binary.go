package postgres

import "encoding/binary"

// The integers of an answer in binary form are big-endian, in two's complement.

func readInt32(b []byte) int32 {
	return int32(binary.BigEndian.Uint32(b)) // #nosec G115 -- two's complement on both sides
}

func readInt64(b []byte) int64 {
	return int64(binary.BigEndian.Uint64(b)) // #nosec G115 -- two's complement on both sides
}
