// Command hello is what the play builds an image of: a server that answers with its version, without libraries, so that an image from
// scratch can hold it.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	version, err := os.ReadFile("/version")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// The first process of a container ends at no signal that it does not ask for.
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	go func() {
		<-asked
		os.Exit(0)
	}()
	fmt.Printf("hello, version %s", version)
	err = http.ListenAndServe(":8080", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(version) }))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
