// Program rates greets in the language of whoever asks.
package main

import (
	"fmt"
	"os"

	"golang.org/x/text/language"
)

func main() {
	tag, err := language.Parse(os.Getenv("LANG"))
	fmt.Println(tag, err)
}
