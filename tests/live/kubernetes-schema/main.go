// Writes rules/data/kubernetes-schema.txt: the fields of every built-in kind, from the Go types of k8s.io/api,
// and the resources that serve them, from Kubernetes' OpenAPI description.
//
//	go run . "$(go list -m -f '{{.Dir}}' k8s.io/kubernetes)/api/openapi-spec/swagger.json" > ../../../rules/data/kubernetes-schema.txt
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strings"

	"k8s.io/client-go/kubernetes/scheme"
)

type kind struct {
	Group, Version, Kind string
}

type swagger struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`
}

// Serves version: resource name -> kind and scope.
func resources(path string) []string {
	bytes, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	var spec swagger
	if err := json.Unmarshal(bytes, &spec); err != nil {
		panic(err)
	}
	pattern := regexp.MustCompile(`^/apis?/(?:[a-z0-9.]+/)?v[a-z0-9]+/(namespaces/\{namespace\}/)?([a-z]+)$`)
	lines := map[string]string{}
	for path, operations := range spec.Paths {
		match := pattern.FindStringSubmatch(path)
		raw, ok := operations["post"]
		if match == nil || !ok {
			continue
		}
		var operation struct {
			GVK kind `json:"x-kubernetes-group-version-kind"`
		}
		if err := json.Unmarshal(raw, &operation); err != nil {
			panic(err)
		}
		gvk := operation.GVK
		apiVersion := gvk.Version
		if gvk.Group != "" {
			apiVersion = gvk.Group + "/" + gvk.Version
		}
		scope := "cluster"
		if match[1] != "" {
			scope = "namespaced"
		}
		key := apiVersion + " " + gvk.Kind
		line := fmt.Sprintf("resource %s %s %s %s", apiVersion, gvk.Kind, match[2], scope)
		if old, ok := lines[key]; !ok || strings.HasSuffix(old, "cluster") {
			lines[key] = line
		}
	}
	var out []string
	for _, line := range lines {
		out = append(out, line)
	}
	sort.Strings(out)
	return out
}

var types = map[string]reflect.Type{}

func nameOf(t reflect.Type) string {
	path := t.PkgPath()
	path = strings.TrimPrefix(path, "k8s.io/api/")
	path = strings.TrimPrefix(path, "k8s.io/apimachinery/pkg/apis/")
	return strings.ReplaceAll(path, "/", ".") + "." + t.Name()
}

// The notation of a type: see the head of the file that is written.
func notation(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		return notation(t.Elem()) + "?"
	}
	switch t.PkgPath() + "." + t.Name() {
	case "k8s.io/apimachinery/pkg/api/resource.Quantity":
		return "quantity"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.Time":
		return "time"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":
		return "microtime"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.Duration":
		return "duration"
	case "k8s.io/apimachinery/pkg/util/intstr.IntOrString":
		return "intstr"
	case "k8s.io/apimachinery/pkg/runtime.RawExtension", "k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":
		return "any"
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "int"
	case reflect.Float32, reflect.Float64:
		return "double"
	case reflect.Interface:
		return "any"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[" + notation(t.Elem())
	case reflect.Map:
		return "{" + notation(t.Elem())
	case reflect.Struct:
		name := nameOf(t)
		if _, ok := types[name]; !ok {
			types[name] = t
			fields(t, nil)
		}
		return name
	}
	panic("no notation for " + t.String())
}

func fields(t reflect.Type, out []string) []string {
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		tag, ok := field.Tag.Lookup("json")
		if !ok || tag == "-" {
			if field.Anonymous && field.Type.Kind() == reflect.Struct {
				out = fields(field.Type, out)
			}
			continue
		}
		parts := strings.Split(tag, ",")
		has := func(option string) bool {
			for _, part := range parts[1:] {
				if part == option {
					return true
				}
			}
			return false
		}
		if parts[0] == "" {
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			out = fields(inner, out)
			continue
		}
		text := notation(field.Type)
		plainStruct := field.Type.Kind() == reflect.Struct && text != "quantity"
		special := text == "time" || text == "microtime" || text == "duration" || text == "intstr" || text == "any"
		always := !has("omitempty") && !has("omitzero")
		if plainStruct && !special && !has("omitzero") {
			always = true
		}
		if (text == "time" || text == "microtime" || text == "intstr" || text == "duration" || text == "quantity") && field.Type.Kind() == reflect.Struct && !has("omitzero") {
			always = true
		}
		if always {
			text += "!"
		}
		out = append(out, parts[0]+":"+text)
	}
	return out
}

func main() {
	fmt.Print(`# The built-in kinds of Kubernetes as its API server knows them: written by tests/live/kubernetes-schema.
# Source: the Go types of k8s.io/api v0.36.3 and api/openapi-spec of k8s.io/kubernetes v1.36.3, as of 2026-11-21.
#   resource APIVERSION KIND RESOURCE SCOPE
#   kind APIVERSION KIND TYPE
#   type TYPE FIELD:NOTATION …    string bool int double bytes quantity time microtime duration intstr any, another
#                                 type's name, [x a list of x, {x a map to x; ? a pointer: it may be set to its zero
#                                 value; ! it is written even when it is zero
`)
	for _, line := range resources(os.Args[1]) {
		fmt.Println(line)
	}
	var kinds []string
	for gvk, t := range scheme.Scheme.AllKnownTypes() {
		if gvk.Version == "__internal" || strings.HasSuffix(gvk.Kind, "List") || strings.HasSuffix(gvk.Kind, "Options") || gvk.Kind == "WatchEvent" || gvk.Kind == "Status" || strings.HasPrefix(gvk.Kind, "API") {
			continue
		}
		apiVersion := gvk.Version
		if gvk.Group != "" {
			apiVersion = gvk.Group + "/" + gvk.Version
		}
		kinds = append(kinds, fmt.Sprintf("kind %s %s %s", apiVersion, gvk.Kind, notation(t)))
	}
	sort.Strings(kinds)
	for _, line := range kinds {
		fmt.Println(line)
	}
	var names []string
	for name := range types {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println("type", name, strings.Join(fields(types[name], nil), " "))
	}
}
