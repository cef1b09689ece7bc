// Command rates answers what a container cost, on average, per day, between
// two ports. Run it with --help.
package main

import "example.com/rates/internal/cli"

func main() { cli.Main(run) }
