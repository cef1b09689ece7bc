// Command canary is in the image of this commit.
package main

import "fmt"

func main() { fmt.Println("another commit") }
