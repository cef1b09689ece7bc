package main

const usage = `a string without an end

// #nosec
func main() {}
