// Program cmd has no main function.
package main

func notMain() {}
