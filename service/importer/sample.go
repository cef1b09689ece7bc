package importer

import (
	"bytes"

	"example.com/rates/db/seed"
)

// Sample returns the data of package seed, which are those of db/rates.sql.
func Sample() (File, error) {
	var text bytes.Buffer
	if err := seed.Write(&text); err != nil {
		return File{}, err
	}
	return File{Name: "sample", Content: bytes.NewReader(text.Bytes())}, nil
}
