package pods

import (
	"os"
	"path/filepath"
)

func root() string {
	if r := os.Getenv("FORGE_ROOT"); r != "" {
		return r
	}
	return filepath.Join("..", "..")
}
