package plaintext_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"example.com/rates/security/plaintext"
)

const secret = "first line\nhere is the-secret-text, and more"

func packed(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t *testing.T, content []byte) []byte {
	t.Helper()
	return packed(t, func(w io.Writer) error {
		z := zip.NewWriter(w)
		f, err := z.Create("word/document.xml")
		if err != nil {
			return err
		}
		if _, err := f.Write(content); err != nil {
			return err
		}
		return z.Close()
	})
}

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	return packed(t, func(w io.Writer) error {
		z := gzip.NewWriter(w)
		_, err := z.Write(content)
		if err != nil {
			return err
		}
		return z.Close()
	})
}

func tarred(t *testing.T, content []byte) []byte {
	t.Helper()
	return packed(t, func(w io.Writer) error {
		z := tar.NewWriter(w)
		if err := z.WriteHeader(&tar.Header{Name: "a.txt", Mode: 0o600, Size: int64(len(content))}); err != nil {
			return err
		}
		_, err := z.Write(content)
		if err != nil {
			return err
		}
		return z.Close()
	})
}

func deflated(t *testing.T, content []byte) []byte {
	t.Helper()
	return packed(t, func(w io.Writer) error {
		z := zlib.NewWriter(w)
		_, err := z.Write(content)
		if err != nil {
			return err
		}
		return z.Close()
	})
}

// spread writes each letter in some bytes: UTF-16 and UTF-32 without a mark.
func spread(before, after int) []byte {
	var b []byte
	for _, c := range utf16.Encode([]rune(secret)) {
		b = append(b, make([]byte, before)...)
		b = append(b, byte(c))
		b = append(b, make([]byte, after)...)
	}
	return b
}

func TestOf(t *testing.T) {
	bz, err := base64.StdEncoding.DecodeString("QlpoOTFBWSZTWYHdHwoAAApRgAAQQAYvZ5xAIAAiJtQ0AyeoKZMTIMjLTU3ImrCEPGAVqriHxLkduTRDt/WpkfF3JFOFCQgd0fCg")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"text":                   []byte(secret),
		"a program":              []byte("\x7fELF\x00\x01\xff\n\x00here is the-secret-text\x00other"),
		"UTF-16 LE":              spread(0, 1),
		"UTF-16 BE":              spread(1, 0),
		"UTF-16 with a mark":     append([]byte("\xff\xfe"), spread(0, 1)...),
		"UTF-32 LE":              spread(0, 3),
		"UTF-32 BE":              spread(3, 0),
		"UTF-16 in a program":    append([]byte("\x7fELF\x00\x01\xff"), spread(0, 1)...),
		"a zip":                  zipped(t, []byte(secret)),
		"a tar":                  tarred(t, []byte(secret)),
		"a compressed tar":       gzipped(t, tarred(t, []byte(secret))),
		"a zip in a zip":         zipped(t, zipped(t, spread(0, 1))),
		"four in one another":    gzipped(t, zipped(t, tarred(t, gzipped(t, []byte(secret))))),
		"a PDF":                  append([]byte("%PDF-1.7\n1 0 obj <</Filter/FlateDecode>>\nstream\n"), deflated(t, []byte(secret))...),
		"a picture":              append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x20zTXtComment\x00\x00"), deflated(t, []byte(secret))...),
		"bytes that are no text": []byte("\xff\xfe\xfd\nhere is the-secret-text\xff"),
		"bzip2":                  bz,
	} {
		texts, unopened := plaintext.Of(content)
		line := 0
		for _, text := range texts {
			for i, l := range bytes.Split(text.Content, []byte("\n")) {
				if strings.Contains(string(l), "here is the-secret-text") {
					line = i + 1
				}
			}
		}
		if line != 2 || len(unopened) > 0 {
			t.Errorf("%s: the secret is in line %d; not opened: %q", name, line, unopened)
		}
	}
}

// What cannot be opened is said.
func TestUnopened(t *testing.T) {
	deep := []byte(secret)
	for range 7 {
		deep = gzipped(t, deep)
	}
	whole := zipped(t, []byte(secret))
	encrypted := bytes.Clone(whole)
	for _, flags := range []int{6, bytes.Index(whole, []byte("PK\x01\x02")) + 8} {
		encrypted[flags] |= 1
	}
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"xz":             {[]byte("\xfd7zXZ\x00more"), "format xz"},
		"7-Zip":          {[]byte("7z\xbc\xaf\x27\x1cmore"), "format 7-Zip"},
		"in a zip":       {zipped(t, []byte("\x28\xb5\x2f\xfdmore")), "word/document.xml: it is in the format Zstandard"},
		"too deep":       {deep, "an archive in 5 others"},
		"cut off":        {whole[:len(whole)/2], "zip"},
		"gzip cut off":   {gzipped(t, []byte(secret))[:30], "unexpected EOF"},
		"encrypted":      {encrypted, "encrypted"},
		"without an end": {gzipped(t, make([]byte, 80<<20)), "larger than 64 MiB"},
	} {
		_, unopened := plaintext.Of(test.content)
		if !strings.Contains(strings.Join(unopened, "\n"), test.want) {
			t.Errorf("%s: not opened: %q, want %q", name, unopened, test.want)
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("a\x00b\x00c\x00d\x00e\x00f\x00g\x00"))
	f.Add([]byte("%PDF-x\x9cmore"))
	f.Fuzz(func(t *testing.T, content []byte) {
		texts, _ := plaintext.Of(content)
		if len(bytes.TrimSpace(content)) > 0 && len(texts) == 0 {
			t.Error("there is no text")
		}
		for _, text := range texts {
			if bytes.ContainsAny(text.Content, "\x00\x01\x1b") {
				t.Errorf("%q is no text", text.Content)
			}
		}
		if len(texts) > 0 && bytes.Count(texts[0].Content, []byte("\n")) != bytes.Count(content, []byte("\n")) {
			t.Error("the text has other lines")
		}
	})
}
