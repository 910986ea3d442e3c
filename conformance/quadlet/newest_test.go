//go:build !oldest

package quadlet

import "github.com/containers/podman/v5/pkg/systemd/parser"

const generator = "github.com/containers/podman/v5/cmd/quadlet"

type unitFile = parser.UnitFile

var newUnit = parser.NewUnitFile

func lastArgs(unit *unitFile) ([]string, bool) {
	list, ok, err := unit.LookupLastArgs("Service", "ExecStart")
	return list, ok && err == nil
}
