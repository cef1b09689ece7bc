package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/db/seed"
)

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rates.sql")
	if err := write(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := seed.Write(&want); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("the file does not hold the dump")
	}
}

func TestWriteOutsideTheRepository(t *testing.T) {
	err := write(filepath.Join(t.TempDir(), "db", "rates.sql"))
	if err == nil || !strings.Contains(err.Error(), "in the root of the repository") {
		t.Errorf("the error is %v", err)
	}
}
