package dump

import "bytes"

const gzipMagic = "\x1f\x8b"

const (
	asUTF8 = "; save it as UTF-8"
	asCSV  = "; save each table of it as CSV in UTF-8"
	unpack = "; unpack it first"
	plain  = "make it plain with pg_restore -f - FILE > FILE.sql, or dump again with pg_dump --format=plain"
)

// foreign returns what to do about a common format that cannot be imported, or ""
// for any other.
func foreign(head []byte) string {
	for _, f := range [...]struct {
		offset int
		magic  string
		reason string
	}{
		{0, "PGDMP", "is a pg_dump in custom format; " + plain},
		{257, "ustar", "is a tar archive; if pg_dump made it, " + plain + "; else unpack it first"},
		{0, "PGCOPY\n\xff\r\n", "is a COPY in binary format; copy it as CSV with a header"},
		{0, "PK\x03\x04", zipped(head)},
		{0, "PK\x05\x06", "is an empty zip archive"},
		{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook of Excel (.xls) or another Office file" + asCSV},
		{0, "\x28\xb5\x2f\xfd", "is compressed with zstd" + unpack + " with zstd -d"},
		{0, "\x04\x22\x4d\x18", "is compressed with lz4" + unpack + " with lz4 -d"},
		{0, "\x02\x21\x4c\x18", "is compressed with lz4" + unpack + " with lz4 -d"},
		{0, "\xfd7zXZ\x00", "is compressed with xz" + unpack + " with xz -d"},
		{0, "LZIP", "is compressed with lzip" + unpack + " with lzip -d"},
		{4, "1AY&SY", "is compressed with bzip2" + unpack + " with bzip2 -d"},
		{0, "\x1f\x9d", "is compressed with compress" + unpack + " with gzip -d"},
		{0, gzipMagic, "is compressed with gzip twice" + unpack + " with gzip -d"},
		{0, "7z\xbc\xaf\x27\x1c", "is a 7z archive" + unpack},
		{0, "Rar!\x1a\x07", "is a rar archive" + unpack},
		{0, "PAR1", "is a Parquet file" + asCSV},
		{0, "SQLite format 3\x00", "is a database of SQLite" + asCSV},
		{0, "%PDF-", "is a PDF" + asCSV},
		{0, "{\\rtf", "is an RTF document" + asCSV},
		{0, "\xff\xfe\x00\x00", "is UTF-32" + asUTF8},
		{0, "\x00\x00\xfe\xff", "is UTF-32" + asUTF8},
		{0, "\xff\xfe", "is UTF-16" + asUTF8},
		{0, "\xfe\xff", "is UTF-16" + asUTF8},
	} {
		if len(head) > f.offset && bytes.HasPrefix(head[f.offset:], []byte(f.magic)) {
			return f.reason
		}
	}
	return foreignText(head)
}

// zipped returns the reason for a zip archive, which spreadsheets are as well.
func zipped(head []byte) string {
	for _, part := range []string{"[Content_Types].xml", "xl/", "opendocument.spreadsheet", "Index/Document.iwa"} {
		if bytes.Contains(head, []byte(part)) {
			return "is a spreadsheet or another Office file" + asCSV
		}
	}
	return "is a zip archive" + unpack
}

// foreignText is foreign for text: without a byte-order mark, ASCII in UTF-16 and
// UTF-32 is known by its NUL bytes.
func foreignText(head []byte) string {
	nuls := bytes.Map(func(r rune) rune {
		if r == 0 {
			return '0'
		}
		return 'x'
	}, head[:min(8, len(head))])
	switch string(nuls) {
	case "x000x000", "000x000x":
		return "is UTF-32" + asUTF8
	case "x0x0x0x0", "0x0x0x0x":
		return "is UTF-16" + asUTF8
	}
	text := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head[:min(512, len(head))], []byte(utf8Mark))))
	for prefix, name := range map[string]string{"<!doctype html": "HTML", "<html": "HTML", "<?xml": "XML", "{": "JSON", "[": "JSON"} {
		if bytes.HasPrefix(text, []byte(prefix)) {
			return "is " + name + asCSV
		}
	}
	return ""
}
