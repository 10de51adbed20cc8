// A provider that has schemas and nothing else: those of the AWS types in rules/data/terraform-aws.yaml. It
// plans as the real one does (what is computed and not set is unknown) and applies by making texts up, so
// that `tofu` makes plans and states of the tests' configurations without a cloud. See record for its use.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"gopkg.in/yaml.v3"
)

// One block of the data file.
type block struct {
	attributes map[string]attribute
	blocks     map[string]*block
}

type attribute struct {
	kind     tftypes.Type
	settable bool
	computed bool
}

func readType(text string) tftypes.Type {
	switch text {
	case "string", "any":
		return tftypes.String
	case "number":
		return tftypes.Number
	case "bool":
		return tftypes.Bool
	}
	open := strings.Index(text, "(")
	element := readType(text[open+1 : len(text)-1])
	switch text[:open] {
	case "list":
		return tftypes.List{ElementType: element}
	case "set":
		return tftypes.Set{ElementType: element}
	}
	return tftypes.Map{ElementType: element}
}

func readBlock(raw map[string]any) *block {
	result := &block{attributes: map[string]attribute{}, blocks: map[string]*block{}}
	for name, value := range raw {
		if inner, ok := value.(map[string]any); ok {
			result.blocks[name] = readBlock(inner)
			continue
		}
		text := value.(string)
		one := attribute{settable: true}
		if strings.HasPrefix(text, "=") {
			one.settable, one.computed, text = false, true, text[1:]
		}
		if strings.HasSuffix(text, "~") {
			one.computed, text = true, text[:len(text)-1]
		}
		one.kind = readType(text)
		result.attributes[name] = one
	}
	return result
}

func (b *block) schema() *tfprotov6.SchemaBlock {
	result := &tfprotov6.SchemaBlock{}
	for _, name := range sorted(b.attributes) {
		one := b.attributes[name]
		result.Attributes = append(result.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: one.kind, Optional: one.settable, Computed: one.computed,
			Sensitive: strings.Contains(name, "password") || name == "auth_token" || name == "secret",
		})
	}
	for _, name := range sorted(b.blocks) {
		result.BlockTypes = append(result.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: b.blocks[name].schema(), Nesting: tfprotov6.SchemaNestedBlockNestingModeList,
		})
	}
	return result
}

func sorted[T any](all map[string]T) []string {
	var names []string
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// The attribute that a path leads to; nil for anything else.
func (b *block) at(path *tftypes.AttributePath) *attribute {
	at := b
	steps := path.Steps()
	for i, step := range steps {
		name, ok := step.(tftypes.AttributeName)
		if !ok {
			continue
		}
		if inner := at.blocks[string(name)]; inner != nil {
			at = inner
			continue
		}
		if one, ok := at.attributes[string(name)]; ok && i == len(steps)-1 {
			return &one
		}
		return nil
	}
	return nil
}

type server struct {
	tfprotov6.ProviderServer // what nobody calls
	resources, data          map[string]*block
	provider                 *block
}

func schemaOf(b *block) *tfprotov6.Schema { return &tfprotov6.Schema{Block: b.schema()} }

func (s *server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	return &tfprotov6.GetMetadataResponse{}, nil
}

func (s *server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	response := &tfprotov6.GetProviderSchemaResponse{Provider: schemaOf(s.provider),
		ResourceSchemas: map[string]*tfprotov6.Schema{}, DataSourceSchemas: map[string]*tfprotov6.Schema{}}
	for name, one := range s.resources {
		response.ResourceSchemas[name] = schemaOf(one)
	}
	for name, one := range s.data {
		response.DataSourceSchemas[name] = schemaOf(one)
	}
	return response, nil
}

func (s *server) ValidateProviderConfig(_ context.Context, r *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: r.Config}, nil
}
func (s *server) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}
func (s *server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}
func (s *server) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}
func (s *server) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}
func (s *server) GetFunctions(context.Context, *tfprotov6.GetFunctionsRequest) (*tfprotov6.GetFunctionsResponse, error) {
	return &tfprotov6.GetFunctionsResponse{Functions: map[string]*tfprotov6.Function{}}, nil
}
func (s *server) ReadResource(_ context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: r.CurrentState}, nil
}

func (s *server) UpgradeResourceState(_ context.Context, r *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	kind := schemaOf(s.resources[r.TypeName]).ValueType()
	value, err := r.RawState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	state, err := tfprotov6.NewDynamicValue(kind, value)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &state}, err
}

// `value` with every attribute changed for which `change` gives another.
func (b *block) transformed(dynamic *tfprotov6.DynamicValue, change func(one *attribute, path *tftypes.AttributePath, value tftypes.Value) tftypes.Value) (*tfprotov6.DynamicValue, error) {
	kind := schemaOf(b).ValueType()
	value, err := dynamic.Unmarshal(kind)
	if err != nil || value.IsNull() {
		return dynamic, err
	}
	value, err = tftypes.Transform(value, func(path *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if one := b.at(path); one != nil {
			return change(one, path, value), nil
		}
		return value, nil
	})
	if err != nil {
		return nil, err
	}
	result, err := tfprotov6.NewDynamicValue(kind, value)
	return &result, err
}

func (s *server) PlanResourceChange(_ context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	planned, err := s.resources[r.TypeName].transformed(r.ProposedNewState, func(one *attribute, _ *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
		if one.computed && value.IsKnown() && value.IsNull() {
			return tftypes.NewValue(value.Type(), tftypes.UnknownValue)
		}
		return value
	})
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned}, err
}

// What the cloud would have decided: texts made of the resource's content, nothing else.
func (s *server) ApplyResourceChange(_ context.Context, r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	sum := sha256.Sum256(append([]byte(r.TypeName), r.Config.MsgPack...))
	digest := hex.EncodeToString(sum[:])[:12]
	state, err := s.resources[r.TypeName].transformed(r.PlannedState, func(one *attribute, path *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
		if value.IsKnown() {
			return value
		}
		name := string(path.Steps()[len(path.Steps())-1].(tftypes.AttributeName))
		if value.Type().Is(tftypes.String) {
			if name == "arn" {
				return tftypes.NewValue(tftypes.String, "arn:aws:made-up:eu-west-1:123456789012:"+r.TypeName+"/"+digest)
			}
			if name == "id" {
				return tftypes.NewValue(tftypes.String, r.TypeName+"-"+digest)
			}
		}
		return tftypes.NewValue(value.Type(), nil)
	})
	return &tfprotov6.ApplyResourceChangeResponse{NewState: state}, err
}

func (s *server) ReadDataSource(_ context.Context, r *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	state, err := s.data[r.TypeName].transformed(r.Config, func(one *attribute, path *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
		if !one.computed || !value.IsNull() || !value.Type().Is(tftypes.String) {
			return value
		}
		return tftypes.NewValue(tftypes.String, "made-up")
	})
	return &tfprotov6.ReadDataSourceResponse{State: state}, err
}

func main() {
	bytes, err := os.ReadFile(os.Getenv("ASSAY_SCHEMAS"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var file struct {
		Resources map[string]map[string]any `yaml:"resources"`
	}
	if err := yaml.Unmarshal(bytes, &file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s := &server{resources: map[string]*block{}, data: map[string]*block{}, provider: &block{}}
	for name, raw := range file.Resources {
		if name == "provider.aws" {
			s.provider = readBlock(raw)
		} else if rest, ok := strings.CutPrefix(name, "data."); ok {
			s.data[rest] = readBlock(raw)
		} else {
			s.resources[name] = readBlock(raw)
		}
	}
	if err := tf6server.Serve("registry.opentofu.org/hashicorp/aws", func() tfprotov6.ProviderServer { return s }); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
