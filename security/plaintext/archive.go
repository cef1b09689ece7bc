package plaintext

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// The limits of what is opened: an archive can be made to grow without end.
const (
	deepest      = 5        // archives in archives
	mostExpanded = 64 << 20 // bytes of all parts of a file
)

// opening is the work on one file.
type opening struct {
	left     int64 // bytes that its parts may still have
	texts    []Text
	unopened []string
}

// sealed are archives that this program cannot open, by their first bytes.
var sealed = map[string]string{
	"\xfd7zXZ\x00": "xz", "\x28\xb5\x2f\xfd": "Zstandard", "7z\xbc\xaf\x27\x1c": "7-Zip", "Rar!\x1a\x07": "RAR", "\x04\x22\x4d\x18": "LZ4", "LZIP": "lzip",
}

// IsArchive reports whether a content begins like an archive or a compressed file.
func IsArchive(content []byte) bool {
	for begin := range sealed {
		if bytes.HasPrefix(content, []byte(begin)) {
			return true
		}
	}
	return new(opening).opener(content) != nil
}

// open adds the texts of a content and of everything in it.
func (o *opening) open(member string, content []byte, depth int) {
	for begin, name := range sealed {
		if bytes.HasPrefix(content, []byte(begin)) {
			o.fail(member, fmt.Errorf("it is in the format %s", name))
		}
	}
	o.add(member, content)
	into := o.opener(content)
	switch {
	case into == nil:
		o.deflated(member, content)
	case depth == deepest:
		o.fail(member, fmt.Errorf("it is an archive in %d others", depth))
	default:
		into(member, content, depth)
	}
}

// opener returns the method for archives of this kind, or nil.
func (o *opening) opener(content []byte) func(member string, content []byte, depth int) {
	begins := func(with string) bool { return bytes.HasPrefix(content, []byte(with)) }
	const bzip = len("BZh9")
	switch {
	case begins("PK\x03\x04"), begins("PK\x05\x06"):
		return o.zip
	case isTar(content):
		return o.tar
	case begins("\x1f\x8b\x08"):
		return o.gzip
	case begins("BZh") && len(content) > bzip && bytes.HasPrefix(content[bzip:], []byte("1AY&SY")):
		return o.bzip2
	default:
		return nil
	}
}

func (o *opening) fail(member string, err error) {
	if member != "" {
		err = fmt.Errorf("%s: %w", member, err)
	}
	o.unopened = append(o.unopened, err.Error())
}

// part opens what a reader yields.
func (o *opening) part(member string, from io.Reader, depth int) {
	content, err := o.read(from)
	if err != nil {
		o.fail(member, err)
	}
	o.open(member, content, depth+1)
}

var errTooMuch = errors.New("its parts are larger than " + strconv.Itoa(mostExpanded>>20) + " MiB")

// read reads a part. With an error it returns what could be read.
func (o *opening) read(from io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(from, o.left+1))
	if int64(len(content)) > o.left {
		content, err = content[:o.left], errTooMuch
	}
	o.left -= int64(len(content))
	return content, err
}

func (o *opening) gzip(member string, content []byte, depth int) {
	unpacked, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		o.fail(member, err)
		return
	}
	o.part(member, unpacked, depth)
}

func (o *opening) bzip2(member string, content []byte, depth int) {
	o.part(member, bzip2.NewReader(bytes.NewReader(content)), depth)
}

func (o *opening) zip(member string, content []byte, depth int) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		o.fail(member, err)
		return
	}
	for _, f := range archive.File {
		const encrypted = 1
		name := within(member, f.Name)
		file, err := f.Open()
		if f.Flags&encrypted != 0 {
			err = errors.New("it is encrypted")
		}
		if err != nil {
			o.fail(name, err)
			continue
		}
		o.part(name, file, depth)
		_ = file.Close() // it was only read
	}
}

// isTar looks for the mark in the first header.
func isTar(content []byte) bool {
	const at = 257
	return len(content) > at+5 && string(content[at:at+5]) == "ustar"
}

func (o *opening) tar(member string, content []byte, depth int) {
	for archive := tar.NewReader(bytes.NewReader(content)); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			o.fail(member, err)
			return
		}
		o.part(within(member, header.Name), archive, depth)
	}
}

func within(member, name string) string {
	if member == "" {
		return name
	}
	return member + "/" + name
}

// deflated opens compressed parts of documents and pictures, PDF and PNG for
// example. What only looks like the beginning of such a part is left alone.
func (o *opening) deflated(member string, content []byte) {
	if !bytes.ContainsRune(content, 0) && !bytes.HasPrefix(content, []byte("%PDF-")) {
		return // it is text
	}
	for at := 0; at < len(content); at++ {
		next := bytes.IndexByte(content[at:], 'x') // the first byte of most of them
		if next < 0 {
			return
		}
		at += next
		unpacked, err := zlib.NewReader(bytes.NewReader(content[at:]))
		if err != nil {
			continue
		}
		part, err := o.read(unpacked)
		const telling = 8
		if errors.Is(err, errTooMuch) {
			o.fail(member, err)
			return
		}
		if len(part) >= telling {
			o.add(within(member, "part at byte "+strconv.Itoa(at)), part)
		}
	}
}
