module cdk8s-forge/conformance/quadlet

go 1.26.6

require (
	github.com/containers/podman/v4 v4.4.4 // indirect
	github.com/containers/storage v1.45.3 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
