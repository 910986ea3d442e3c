package setters

import (
	"encoding/json"
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Marker is one marked scalar as it stands in a file.
type Marker struct {
	File   string
	Setter string
	Value  string
}

// Markers returns every marked scalar in the files that Update would read; an error if such a file does not parse.
func Markers(root string, paths ...string) ([]Marker, error) {
	source := &reader{root: root, paths: paths}
	nodes, err := source.Read()
	if err != nil {
		return nil, err
	}
	if len(source.skipped) > 0 {
		return nil, fmt.Errorf("holds a marker, but does not parse, so Flux would skip it silently: %s", strings.Join(source.skipped, ", "))
	}
	var markers []Marker
	for _, node := range nodes {
		file, _, err := kioutil.GetFileAnnotations(node)
		if err != nil {
			return nil, err
		}
		err = walkScalars(node, func(scalar *yaml.RNode) error {
			if setter := setterIn(scalar.YNode().LineComment); setter != "" {
				markers = append(markers, Marker{File: file, Setter: setter, Value: scalar.YNode().Value})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return markers, nil
}

func setterIn(comment string) string {
	fields := map[string]string{}
	if err := json.Unmarshal([]byte(strings.TrimLeft(comment, "#")), &fields); err != nil {
		return ""
	}
	return fields[shortHand]
}

// Release is what a registry scan might find: the latest tag of an image, and its digest where the policy reflects it.
type Release struct {
	Tag    string
	Digest string
}

// Bump returns the setters that Flux would have if each of the policies had found the release; no policies means all that are marked.
//
// The image name is the one in the files, because Flux writes ImageRepository.spec.image there, which is the same string.
func Bump(markers []Marker, release Release, policies ...string) (Setters, error) {
	setters := Setters{}
	names := map[string]string{}
	for _, marker := range markers {
		policy, part := splitSetter(marker.Setter)
		if len(policies) > 0 && !contains(policies, policy) {
			continue
		}
		switch part {
		case "":
			name := imageName(marker.Value)
			if known, ok := names[policy]; ok && known != name {
				return nil, fmt.Errorf("%s: policy %s stands beside both %s and %s; Flux would write one name in both places", marker.File, policy, known, name)
			}
			names[policy] = name
			setters[marker.Setter] = reference(name, release)
		case "tag":
			setters[marker.Setter] = release.Tag
		case "digest":
			setters[marker.Setter] = release.Digest
		case "name":
			setters[marker.Setter] = marker.Value
		default:
			return nil, fmt.Errorf("%s: Flux knows no part %q of an image (marker %q)", marker.File, part, marker.Setter)
		}
	}
	return setters, nil
}

// splitSetter takes "ns:policy:part" apart into "ns:policy" and "part".
func splitSetter(setter string) (policy, part string) {
	fields := strings.SplitN(setter, ":", 3)
	if len(fields) < 3 {
		return setter, ""
	}
	return fields[0] + ":" + fields[1], fields[2]
}

// imageName is what stands before the tag; a colon before the last slash belongs to a port.
func imageName(image string) string {
	name, _, _ := strings.Cut(image, "@")
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		return name[:colon]
	}
	return name
}

func reference(name string, release Release) string {
	image := name + ":" + release.Tag
	if release.Digest != "" {
		image += "@" + release.Digest
	}
	return image
}

func contains(all []string, one string) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}
