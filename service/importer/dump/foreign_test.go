package dump_test

import (
	"strings"
	"testing"
)

// A file of another format is refused with its name and what to do about it.
func TestForeignFormats(t *testing.T) {
	tar := strings.Repeat("\x00", 257) + "ustar\x0000"
	for name, c := range map[string]struct{ file, want string }{
		"custom": {"PGDMP\x01\x0e", "file: is a pg_dump in custom format; make it plain with pg_restore -f - FILE > FILE.sql, " +
			"or dump again with pg_dump --format=plain"},
		"tar": {tar, "file: is a tar archive; if pg_dump made it, make it plain with pg_restore -f - FILE > FILE.sql, " +
			"or dump again with pg_dump --format=plain; else unpack it first"},
		"custom in gzip": {zip(t, "PGDMP\x01\x0e"), "file: is a pg_dump in custom format; make it plain with pg_restore -f - FILE > FILE.sql, " +
			"or dump again with pg_dump --format=plain"},
		"zip":         {"PK\x03\x04\x14", "file: is a zip archive; unpack it first"},
		"xlsx":        {"PK\x03\x04\x14\x00[Content_Types].xml", "file: is a spreadsheet or another Office file; save each table of it as CSV in UTF-8"},
		"ods":         {"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "file: is a spreadsheet or another Office file; save each table of it as CSV in UTF-8"},
		"xls":         {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "file: is a workbook of Excel (.xls) or another Office file; save each table of it as CSV in UTF-8"},
		"7z":          {"7z\xbc\xaf\x27\x1c\x00", "file: is a 7z archive; unpack it first"},
		"lz4 of old":  {"\x02\x21\x4c\x18\x00", "file: is compressed with lz4; unpack it first with lz4 -d"},
		"compress":    {"\x1f\x9d\x90", "file: is compressed with compress; unpack it first with gzip -d"},
		"Parquet":     {"PAR1\x15", "file: is a Parquet file; save each table of it as CSV in UTF-8"},
		"HTML":        {"\n<!DOCTYPE html>\n<title>Sign in</title>", "file: is HTML; save each table of it as CSV in UTF-8"},
		"JSON":        {`[{"day": "2021-01-31"}]`, "file: is JSON; save each table of it as CSV in UTF-8"},
		"binary COPY": {"PGCOPY\n\xff\r\n\x00\x00", "file: is a COPY in binary format; copy it as CSV with a header"},
		"zstd":        {"\x28\xb5\x2f\xfd\x04", "file: is compressed with zstd; unpack it first with zstd -d"},
		"lz4":         {"\x04\x22\x4d\x18\x64", "file: is compressed with lz4; unpack it first with lz4 -d"},
		"xz":          {"\xfd7zXZ\x00\x00", "file: is compressed with xz; unpack it first with xz -d"},
		"bzip2":       {"BZh91AY&SY", "file: is compressed with bzip2; unpack it first with bzip2 -d"},
		"gzip twice":  {zip(t, zip(t, wholeDump)), "file: is compressed with gzip twice; unpack it first with gzip -d"},
		"UTF-16":      {"\xff\xfes\x00l\x00", "file: is UTF-16; save it as UTF-8"},
		"UTF-16 BE":   {"\xfe\xff\x00s\x00l", "file: is UTF-16; save it as UTF-8"},
		"UTF-32":      {"\xff\xfe\x00\x00s\x00\x00\x00", "file: is UTF-32; save it as UTF-8"},
		"UTF-32 BE":   {"\x00\x00\xfe\xff\x00\x00\x00s", "file: is UTF-32; save it as UTF-8"},

		"UTF-16 without mark":    {wide("slug,name", 2, 0), "file: is UTF-16; save it as UTF-8"},
		"UTF-16 BE without mark": {wide("slug,name", 2, 1), "file: is UTF-16; save it as UTF-8"},
		"UTF-32 without mark":    {wide("-- x", 4, 0), "file: is UTF-32; save it as UTF-8"},
		"UTF-32 BE without mark": {wide("-- x", 4, 3), "file: is UTF-32; save it as UTF-8"},
		"UTF-16 in gzip":         {zip(t, wide("slug,name", 2, 0)), "file: is UTF-16; save it as UTF-8"},
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, c.file, c.want) })
	}
}

// wide returns ASCII text in characters of size bytes, with the value in one of them.
func wide(text string, size, value int) string {
	b := make([]byte, size*len(text))
	for i := range len(text) {
		b[i*size+value] = text[i]
	}
	return string(b)
}
