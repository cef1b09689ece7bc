// Program rates greets in the language of the caller.
package main

import (
	"fmt"
	"os"

	"golang.org/x/text/language"
)

func main() {
	var tag language.Tag
	fmt.Println(tag, os.Getenv("LANG"))
}
