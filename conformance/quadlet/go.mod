module cdk8s-forge/conformance/quadlet

go 1.26.6

require (
	github.com/containers/podman/v5 v5.6.2 // indirect
	github.com/containers/storage v1.59.1 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
