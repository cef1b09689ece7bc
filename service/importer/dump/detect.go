package dump

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// bufferSize is how much of a file is looked at to find out its format. Longer rows
// are read in parts.
const bufferSize = 64 << 10

// accepted ends the messages about files with nothing to import.
const accepted = "give a plain pg_dump file with COPY blocks for these tables, or CSV with one of the headers " +
	"orig_code,dest_code,day,price or code,name,parent_slug or slug,name,parent_slug"

const utf8Mark = "\xef\xbb\xbf"

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
	return openText(in, head)
}

// openText is open for a text that begins with head.
func openText(in *bufio.Reader, head []byte) (source, error) {
	if text, ok := bytes.CutPrefix(head, []byte(utf8Mark)); ok {
		head = text
		discard(in, len(utf8Mark))
	}
	h, err := findHeader(head)
	switch {
	case err != nil:
		return nil, err
	case h.comma == 0:
		return newSQLFile(in), nil
	}
	discard(in, h.offset)
	return newCSVFile(in, h.comma, h.lines)
}

// discard skips n bytes that are known to be in the buffer.
func discard(in *bufio.Reader, n int) { _, _ = in.Discard(n) }

// commas are the separators of columns that are accepted.
const (
	commas    = ",;\t|"
	useCommas = "separate the columns by a comma, a semicolon, a tab or |"
)

// header says where the header of a CSV file is.
type header struct {
	offset, lines int  // bytes and lines before it
	comma         byte // 0 if the file is not CSV
}

// findHeader looks for the header of a CSV file after blank lines and comments. Excel
// reads and writes a line such as sep=; before it.
func findHeader(head []byte) (header, error) {
	var h header
	h.offset, h.lines = preamble(head)
	line, size := cutLine(head[h.offset:])
	if comma, ok := bytes.CutPrefix(bytes.ToLower(bytes.Trim(line, `"`)), []byte("sep=")); ok {
		if len(comma) != 1 || !strings.Contains(commas, string(comma)) {
			return h, failf(h.lines+1, "the separator is %s; %s", quote(comma), useCommas)
		}
		return header{h.offset + size, h.lines + 1, comma[0]}, nil
	}
	for _, comma := range []byte(commas) {
		if looksLikeHeader(line, comma) {
			h.comma = comma
			return h, nil
		}
	}
	if between := separator(line); between != "" {
		return h, failf(h.lines+1, "the columns of the header are separated by %s; %s", quote([]byte(between)), useCommas)
	}
	return h, nil
}

// preamble returns the bytes and lines of the blank lines and comments at the
// beginning.
func preamble(head []byte) (size, lines int) {
	for {
		line, n := cutLine(head[size:])
		text := bytes.TrimSpace(line)
		if n == len(line) || len(text) > 0 && !bytes.HasPrefix(text, []byte("--")) {
			return size, lines
		}
		size += n
		lines++
	}
}

// cutLine returns the first line of text, and its size with the \n, \r\n or \r at its
// end.
func cutLine(text []byte) (line []byte, size int) {
	end := bytes.IndexAny(text, "\r\n")
	switch {
	case end < 0:
		return text, len(text)
	case bytes.HasPrefix(text[end:], []byte("\r\n")):
		return text[:end], end + 2
	default:
		return text[:end], end + 1
	}
}

// looksLikeHeader reports whether a line has two fields or more, and at least one
// is the name of a column. A parenthesis in the first field, as in COPY ports (code,
// name), or a semicolon at the end of a list with commas makes it SQL.
func looksLikeHeader(line []byte, comma byte) bool {
	first, _, several := bytes.Cut(line, []byte{comma})
	if !several || bytes.IndexByte(first, '(') >= 0 || comma == ',' && bytes.HasSuffix(bytes.TrimSpace(line), []byte(";")) {
		return false
	}
	for field := range strings.SplitSeq(string(line), string(comma)) {
		column := columnName(strings.Trim(strings.TrimSpace(field), `"`))
		for _, t := range tables() {
			if slices.Contains(t.columns, column) {
				return true
			}
		}
	}
	return false
}

// separator returns what stands between the first two columns of a line that begins
// with a column of a table and names all others, or "" for any other line.
func separator(line []byte) string {
	text := strings.ToLower(string(line))
	words := strings.FieldsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf || !isNamePart(byte(r&0x7f)) })
	for _, t := range tables() {
		absent := func(column string) bool { return !slices.Contains(words, column) }
		if slices.ContainsFunc(t.columns, absent) || !slices.Contains(t.columns, words[0]) {
			continue
		}
		_, after, _ := strings.Cut(text, words[0])
		between, _, _ := strings.Cut(after, words[1])
		return strings.Trim(between, `"'`)
	}
	return ""
}

// columnName returns the name of the column that a field of a CSV header names.
func columnName(field string) string { return strings.ToLower(strings.TrimSpace(field)) }
