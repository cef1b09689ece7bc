// Program rates greets in the language of the caller.
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
