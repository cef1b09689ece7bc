// Command gates runs the security gates and gives one verdict. Run it with
// --help.
package main

import "example.com/rates/internal/cli"

func main() { cli.Main(run) }
