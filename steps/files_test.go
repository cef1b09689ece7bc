package steps_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"unicode/utf16"

	"github.com/cucumber/godog"
)

func (w *world) registerFiles(sc *godog.ScenarioContext) {
	sc.Step(`^a file "([^"]*)":$`, func(name string, text *godog.DocString) error {
		return w.write(name, []byte(fileText(text)))
	})
	sc.Step(`^a pipe "([^"]*)" from which this can be read once:$`, w.aPipe)
	sc.Step(`^a file "([^"]*)" in Latin-1:$`, w.aFileInLatin1)
	sc.Step(`^a file "([^"]*)" in UTF-16:$`, w.aFileInUTF16)
	sc.Step(`^in the file "([^"]*)" "([^"]*)" stands for (\d+) MiB of text$`, w.inTheFileStandsFor)
	sc.Step(`^a file "([^"]*)", compressed with gzip:$`, w.aFileInGzip)
	sc.Step(`^the file "([^"]*)" has lost its last (\d+) bytes$`, w.theFileHasLost)
	sc.Step(`^the seed of this project as the file "([^"]*)"$`, w.theSeedAs)
	sc.Step(`^no temporary file is left$`, w.noTemporaryFileIsLeft)
}

func (w *world) write(name string, content []byte) error {
	return os.WriteFile(w.path(name), content, 0o600)
}

// fileText returns the text with a line end, unless it is empty.
func fileText(text *godog.DocString) string {
	if text.Content == "" {
		return ""
	}
	return text.Content + "\n"
}

// aPipe makes a named pipe to which the text is written as soon as it is read.
func (w *world) aPipe(name string, text *godog.DocString) error {
	if err := syscall.Mkfifo(w.path(name), 0o600); err != nil {
		return fmt.Errorf("make the pipe %s: %w", name, err)
	}
	written := make(chan error, 1)
	go func() { written <- w.write(name, []byte(fileText(text))) }()
	w.atEnd(func(context.Context) error {
		// Lets the writer go on if nobody has read.
		reader, err := os.OpenFile(w.path(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		defer reader.Close()
		return <-written
	})
	return nil
}

func (w *world) aFileInLatin1(name string, text *godog.DocString) error {
	var content []byte
	for _, r := range fileText(text) {
		const last = 0xff
		if r > last {
			return fmt.Errorf("%q is not a letter of Latin-1", r)
		}
		content = append(content, byte(r))
	}
	return w.write(name, content)
}

func (w *world) aFileInUTF16(name string, text *godog.DocString) error {
	var content []byte
	for _, unit := range utf16.Encode([]rune(fileText(text))) {
		content = binary.LittleEndian.AppendUint16(content, unit)
	}
	return w.write(name, content)
}

func (w *world) inTheFileStandsFor(name, word string, size int) error {
	content, err := os.ReadFile(w.path(name))
	if err != nil {
		return err
	}
	return w.write(name, bytes.ReplaceAll(content, []byte(word), bytes.Repeat([]byte("x"), size<<20)))
}

func (w *world) aFileInGzip(name string, text *godog.DocString) error {
	var content bytes.Buffer
	zip := gzip.NewWriter(&content)
	if _, err := zip.Write([]byte(fileText(text))); err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	return w.write(name, content.Bytes())
}

func (w *world) theFileHasLost(name string, size int) error {
	info, err := os.Stat(w.path(name))
	if err != nil {
		return err
	}
	return os.Truncate(w.path(name), info.Size()-int64(size))
}

func (w *world) theSeedAs(name string) error {
	seed, err := filepath.Abs(seedFile)
	if err != nil {
		return err
	}
	return os.Symlink(seed, w.path(name))
}

func (w *world) noTemporaryFileIsLeft() error {
	left, err := os.ReadDir(w.path(temporaryDir))
	if err != nil {
		return fmt.Errorf("look for temporary files: %w", err)
	}
	if len(left) > 0 {
		return fmt.Errorf("there is a temporary file %s", left[0].Name())
	}
	return nil
}
