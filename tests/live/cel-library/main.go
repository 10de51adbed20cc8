// Records what the Kubernetes API server's own expression environment answers.
//
//	go run . < ../../cellib/api_server.tsv > new.tsv
//	go run . functions > ../../cellib/api_server_functions.tsv
//
// Input and output have one expression a line: the expression as a JSON string, then, after tabs, the
// result and the run-time cost (-1: it did not run). Only the first column of the input is read.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/version"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

func quote(s string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func show(v ref.Val) string {
	switch t := v.(type) {
	case types.Null:
		return "null"
	case types.Bool:
		return strconv.FormatBool(bool(t))
	case types.Int:
		return strconv.FormatInt(int64(t), 10)
	case types.Uint:
		return strconv.FormatUint(uint64(t), 10) + "u"
	case types.Double:
		return "double " + strconv.FormatFloat(float64(t), 'e', -1, 64)
	case types.String:
		return quote(string(t))
	case types.Bytes:
		return fmt.Sprintf("bytes %x", []byte(t))
	case types.Duration:
		return "duration " + strconv.FormatInt(int64(t.Duration), 10)
	case types.Timestamp:
		return "timestamp " + strconv.FormatInt(t.UnixNano(), 10)
	case *types.Optional:
		if !t.HasValue() {
			return "none"
		}
		return "some " + show(t.GetValue())
	case traits.Lister:
		var parts []string
		for i := types.Int(0); i < t.Size().(types.Int); i++ {
			parts = append(parts, show(t.Get(i)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case traits.Mapper:
		var parts []string
		for it := t.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			parts = append(parts, show(key)+": "+show(t.Get(key)))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	case apiservercel.IP:
		return fmt.Sprintf("ip(%q)", t.Addr.String())
	case apiservercel.CIDR:
		return fmt.Sprintf("cidr(%q)", t.Prefix.String())
	case apiservercel.Semver:
		return fmt.Sprintf("semver(%q)", t.Version.String())
	case apiservercel.URL:
		return fmt.Sprintf("url(%q)", t.URL.String())
	}
	if q, ok := v.Value().(*resource.Quantity); ok {
		return fmt.Sprintf("quantity(%q)", q.String())
	}
	return v.Type().TypeName()
}

func answer(env *cel.Env, expression string) (string, int64) {
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return "compile error", -1
	}
	program, err := env.Program(ast, cel.EvalOptions(cel.OptTrackCost))
	if err != nil {
		return "plan error", -1
	}
	value, details, err := program.Eval(map[string]any{})
	cost := int64(-1)
	if details != nil && details.ActualCost() != nil {
		cost = int64(*details.ActualCost())
	}
	if err != nil {
		return "error " + quote(err.Error()), cost
	}
	return show(value), cost
}

// One overload a line: function, overload, "member" or "global", parameters, result.
func listFunctions(env *cel.Env) {
	var lines []string
	for name, function := range env.Functions() {
		for _, overload := range function.OverloadDecls() {
			var parameters []string
			for _, parameter := range overload.ArgTypes() {
				parameters = append(parameters, parameter.String())
			}
			kind := "global"
			if overload.IsMemberFunction() {
				kind = "member"
			}
			lines = append(lines, strings.Join([]string{name, overload.ID(), kind, strings.Join(parameters, ", "), overload.ResultType().String()}, "\t"))
		}
	}
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

func main() {
	env, err := environment.MustBaseEnvSet(version.MajorMinor(1, 36)).Env(environment.StoredExpressions)
	if err != nil {
		panic(err)
	}
	if len(os.Args) > 1 && os.Args[1] == "functions" {
		listFunctions(env)
		return
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		column, _, _ := strings.Cut(in.Text(), "\t")
		var expression string
		if err := json.Unmarshal([]byte(column), &expression); err != nil {
			panic(err)
		}
		result, cost := answer(env, expression)
		fmt.Fprintf(out, "%s\t%s\t%d\n", quote(expression), result, cost)
	}
}
