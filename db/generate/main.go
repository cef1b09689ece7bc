// Command generate writes db/rates.sql, the data of package seed. Run it in the
// root of the repository: go run ./db/generate.
package main

import (
	"errors"
	"fmt"
	"os"

	"example.com/rates/db/seed"
)

func main() {
	if err := write("db/rates.sql"); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(path string) error {
	file, err := os.Create(path) // #nosec G304 -- a constant
	if err != nil {
		return fmt.Errorf("%w; run this in the root of the repository", err)
	}
	return errors.Join(seed.Write(file), file.Close())
}
