// Command hello is what the play builds an image of: a server that answers with its version, without libraries, so that an image from
// scratch can hold it.
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	version, err := os.ReadFile("/version")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("hello, version %s", version)
	err = http.ListenAndServe(":8080", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(version) }))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
