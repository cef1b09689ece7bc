package dump

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
)

// maxLine is the length of the longest line of data, in bytes without its end.
const maxLine = 64 << 10

// bufferSize has room for a line of maxLine bytes and its \r\n.
const bufferSize = maxLine + 2

// accepted ends the messages about files with nothing to import.
const accepted = "give a plain pg_dump file with COPY blocks for these tables, or CSV with one of the headers " +
	"orig_code,dest_code,day,price or code,name,parent_slug or slug,name,parent_slug"

const (
	gzipMagic = "\x1f\x8b"
	utf8Mark  = "\xef\xbb\xbf"
)

// open finds out the format of r and returns the source for it.
func open(r io.Reader) (source, error) {
	in := bufio.NewReaderSize(r, bufferSize)
	if magic, err := in.Peek(len(gzipMagic)); err != nil && err != io.EOF {
		return nil, readFailure(1, err)
	} else if string(magic) == gzipMagic {
		unzip, err := gzip.NewReader(in)
		if err != nil {
			return nil, readFailure(1, err)
		}
		in = bufio.NewReaderSize(unzip, bufferSize)
	}
	head, err := in.Peek(bufferSize)
	if err != nil && err != io.EOF {
		return nil, readFailure(1+bytes.Count(head, []byte("\n")), err)
	}
	if len(head) == 0 {
		return nil, failf(0, "is empty and holds no regions, ports or prices; %s", accepted)
	}
	if reason := foreign(head); reason != "" {
		return nil, failf(0, "%s", reason)
	}
	if text, ok := bytes.CutPrefix(head, []byte(utf8Mark)); ok {
		head = text
		discard(in, len(utf8Mark))
	}
	size, lines := preamble(head)
	if first, _, _ := bytes.Cut(head[size:], []byte("\n")); !looksLikeHeader(first) {
		return newSQLFile(in), nil
	}
	discard(in, size)
	return newCSVFile(in, lines)
}

// foreign returns what to do about a common format that cannot be imported, or ""
// for any other.
func foreign(head []byte) string {
	for _, f := range [...]struct {
		offset int
		magic  string
		reason string
	}{
		{0, "PGDMP", "is a pg_dump in custom format; make it plain with pg_restore -f - FILE > FILE.sql, " +
			"or dump again with pg_dump --format=plain"},
		{257, "ustar", "is a tar archive; if pg_dump made it, make it plain with pg_restore -f - FILE > FILE.sql, " +
			"or dump again with pg_dump --format=plain; else unpack it first"},
		{0, "PK\x03\x04", "is a zip archive; unpack it first"},
		{0, "\x28\xb5\x2f\xfd", "is compressed with zstd; unpack it first with zstd -d"},
		{0, "\x04\x22\x4d\x18", "is compressed with lz4; unpack it first with lz4 -d"},
		{0, "\xfd7zXZ\x00", "is compressed with xz; unpack it first with xz -d"},
		{4, "1AY&SY", "is compressed with bzip2; unpack it first with bzip2 -d"},
		{0, gzipMagic, "is compressed with gzip twice; unpack it first with gzip -d"},
		{0, "\xff\xfe", "is UTF-16; save it as UTF-8"},
		{0, "\xfe\xff", "is UTF-16; save it as UTF-8"},
	} {
		if len(head) > f.offset && bytes.HasPrefix(head[f.offset:], []byte(f.magic)) {
			return f.reason
		}
	}
	return ""
}

// discard skips n bytes that are known to be in the buffer.
func discard(in *bufio.Reader, n int) { _, _ = in.Discard(n) }

// preamble returns the bytes and lines of the blank lines and comments at the
// beginning.
func preamble(head []byte) (size, lines int) {
	for {
		line, _, found := bytes.Cut(head[size:], []byte("\n"))
		line = bytes.TrimSpace(line)
		if !found || len(line) > 0 && !bytes.HasPrefix(line, []byte("--")) {
			return size, lines
		}
		size += bytes.IndexByte(head[size:], '\n') + 1
		lines++
	}
}

// looksLikeHeader reports whether a line has two fields or more, and at least one
// is the name of a column. A semicolon, or a parenthesis in the first field as in
// COPY ports (code, name), makes it SQL.
func looksLikeHeader(line []byte) bool {
	first, _, several := bytes.Cut(line, []byte(","))
	if !several || bytes.IndexByte(first, '(') >= 0 || bytes.IndexByte(line, ';') >= 0 {
		return false
	}
	for field := range strings.SplitSeq(string(line), ",") {
		column := columnName(strings.Trim(strings.TrimSpace(field), `"`))
		for _, t := range tables() {
			if slices.Contains(t.columns, column) {
				return true
			}
		}
	}
	return false
}

// columnName returns the name of the column that a field of a CSV header names.
func columnName(field string) string { return strings.ToLower(strings.TrimSpace(field)) }
