//go:build oldest

package flux

// onlyOldest: the modules of go.oldest.mod read what was written for the oldest supported Flux.
const onlyOldest = true

var newestTypes = map[string]func() any{}
