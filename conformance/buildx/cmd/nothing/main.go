// Command nothing stands for runc inside of the builder's container: it answers for its version, and no build runs a step.
package main

import "fmt"

func main() { fmt.Println("runc version 1.2.0") }
