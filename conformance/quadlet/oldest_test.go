//go:build oldest

package quadlet

import "github.com/containers/podman/v4/pkg/systemd/parser"

const generator = "github.com/containers/podman/v4/cmd/quadlet"

type unitFile = parser.UnitFile

var newUnit = parser.NewUnitFile

func lastArgs(unit *unitFile) ([]string, bool) {
	return unit.LookupLastArgs("Service", "ExecStart")
}
