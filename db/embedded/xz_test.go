package embedded

import (
	"encoding/binary"
	"hash/crc32"
)

// xz puts content into an xz stream without compressing it, as the standard
// library cannot write that format.
func xz(content []byte) []byte {
	sealed := func(b []byte) []byte {
		return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	}
	padded := func(b []byte) []byte {
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		return b
	}
	flags := []byte{0, 0} // no checksum of the content

	stream := append([]byte{0xFD, '7', 'z', 'X', 'Z', 0}, sealed(flags[:2:2])...)
	header := sealed([]byte{2, 0, 0x21, 1, 8, 0, 0, 0}) // 12 bytes, one filter: LZMA2 with 64 KiB
	block := header
	control := byte(1) // stored, with a new dictionary
	for rest := content; len(rest) > 0; control = 2 {
		chunk := rest[:min(len(rest), 1<<16)]
		rest = rest[len(chunk):]
		block = append(block, control)
		block = binary.BigEndian.AppendUint16(block, uint16(len(chunk)-1))
		block = append(block, chunk...)
	}
	block = append(block, 0)

	index := []byte{0, 1}
	index = binary.AppendUvarint(index, uint64(len(block)))
	index = binary.AppendUvarint(index, uint64(len(content)))
	index = sealed(padded(index))

	footer := binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4-1))
	footer = append(footer, flags...)
	stream = append(stream, padded(block)...)
	stream = append(stream, index...)
	stream = binary.LittleEndian.AppendUint32(stream, crc32.ChecksumIEEE(footer))
	stream = append(stream, footer...)
	return append(stream, 'Y', 'Z')
}
