// Package setters changes marked image versions in YAML files as Flux's image-automation-controller does, with the same library (kyaml) used
// in the same way: same files read, same reader and writer options, same order of steps.
//
// Behaviour was taken from https://github.com/fluxcd/image-automation-controller (internal/update); the test drives it over measured cases.
package setters

import (
	"encoding/json"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/kustomize/kyaml/fieldmeta"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// extensionKey is where a setter definition keeps its value, inside an OpenAPI schema.
const extensionKey = "x-k8s-cli"

func init() {
	fieldmeta.SetShortHandRef(shortHand)
	openapi.SuppressBuiltInSchemaUse()
}

// Setters maps the name in a marker, such as "flux-system:app" or "flux-system:app:tag", to the value that belongs there.
type Setters map[string]string

// Change is one marked scalar that was given another value.
type Change struct {
	File   string
	Setter string
	Old    string
	New    string
}

// Result says what a run did.
type Result struct {
	// Changes lists what was changed, in the order of the files.
	Changes []Change
	// Skipped lists the files that hold the token, but do not parse: the controller passes over them silently.
	Skipped []string
}

// Update sets every marked scalar in the files below root/paths, and writes the files back in which a value changed.
func (s Setters) Update(root string, paths ...string) (Result, error) {
	source := &reader{root: root, paths: paths}
	result := Result{}
	err := kio.Pipeline{
		Inputs:  []kio.Reader{source},
		Filters: []kio.Filter{kio.FilterFunc(func(nodes []*yaml.RNode) ([]*yaml.RNode, error) { return s.set(nodes, &result) })},
		Outputs: []kio.Writer{kio.LocalPackageWriter{PackagePath: root}},
	}.Execute()
	result.Skipped = source.skipped
	return result, err
}

// set changes the nodes in place, and returns those of the files in which something changed.
func (s Setters) set(nodes []*yaml.RNode, result *Result) ([]*yaml.RNode, error) {
	definitions := s.definitions()
	touched := map[string]bool{}
	err := visitMarked(nodes, definitions, func(file string, marked *spec.Schema, setter setterDefinition, scalar *yaml.RNode) {
		old := scalar.YNode().Value
		scalar.YNode().Value = setter.Value
		yaml.FormatNonStringStyle(scalar.YNode(), *marked)
		if old != setter.Value {
			touched[file] = true
			result.Changes = append(result.Changes, Change{File: file, Setter: setter.Name, Old: old, New: setter.Value})
		}
	})
	if err != nil {
		return nil, err
	}
	var written []*yaml.RNode
	for _, node := range nodes {
		file, _, err := kioutil.GetFileAnnotations(node)
		if err != nil {
			return nil, err
		}
		if touched[file] {
			written = append(written, node)
		}
	}
	return written, nil
}

// setterDefinition is the value part of a setter's OpenAPI definition.
type setterDefinition struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// definitions puts the setters in the OpenAPI form in which kyaml resolves markers.
func (s Setters) definitions() *spec.Schema {
	definitions := spec.Definitions{}
	for name, value := range s {
		schema := spec.StringProperty()
		schema.Extensions = spec.Extensions{}
		schema.Extensions.Add(extensionKey, map[string]interface{}{"setter": map[string]string{"name": name, "value": value}})
		definitions[fieldmeta.SetterDefinitionPrefix+name] = *schema
	}
	return &spec.Schema{SchemaProps: spec.SchemaProps{Definitions: definitions}}
}

type visitor func(file string, marked *spec.Schema, setter setterDefinition, scalar *yaml.RNode)

// visitMarked calls visit for every scalar with a marker that the definitions know.
func visitMarked(nodes []*yaml.RNode, definitions *spec.Schema, visit visitor) error {
	for _, node := range nodes {
		file, _, err := kioutil.GetFileAnnotations(node)
		if err != nil {
			return err
		}
		err = walkScalars(node, func(scalar *yaml.RNode) error {
			marked := schemaOf(scalar, definitions)
			if marked == nil {
				return nil
			}
			setter, err := setterOf(marked)
			if err == nil && setter != nil {
				visit(file, marked, *setter, scalar)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func walkScalars(node *yaml.RNode, visit func(*yaml.RNode) error) error {
	switch node.YNode().Kind {
	case yaml.MappingNode:
		return node.VisitFields(func(field *yaml.MapNode) error { return walkScalars(field.Value, visit) })
	case yaml.SequenceNode:
		return node.VisitElements(func(item *yaml.RNode) error { return walkScalars(item, visit) })
	case yaml.ScalarNode:
		return visit(node)
	default:
		return nil
	}
}

// schemaOf returns the schema that the comment of a scalar refers to, or nil.
func schemaOf(scalar *yaml.RNode, definitions *spec.Schema) *spec.Schema {
	meta := fieldmeta.FieldMeta{SettersSchema: definitions}
	if err := meta.Read(scalar); err != nil || meta.IsEmpty() {
		return nil
	}
	if meta.Schema.Ref.String() == "" {
		return &meta.Schema
	}
	resolved, err := openapi.Resolve(&meta.Schema.Ref, definitions)
	if err != nil || resolved == nil {
		return &meta.Schema
	}
	return resolved
}

func setterOf(schema *spec.Schema) (*setterDefinition, error) {
	extension := schema.Extensions[extensionKey]
	if extension == nil {
		return nil, nil
	}
	encoded, err := json.Marshal(extension)
	if err != nil {
		return nil, err
	}
	var decoded struct {
		Setter *setterDefinition `json:"setter"`
	}
	err = json.Unmarshal(encoded, &decoded)
	return decoded.Setter, err
}
