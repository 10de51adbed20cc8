// Times cel-go on the expressions of a file of cases, the median of small batches: main CASES MILLISECONDS
//   -> NANOSECONDS<tab>RESULT, a line an expression.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
)

// Whole numbers as ints, as a manifest means them.
func plain(v any) any {
	switch t := v.(type) {
	case map[string]any:
		for key, value := range t {
			t[key] = plain(value)
		}
	case []any:
		for i, value := range t {
			t[i] = plain(value)
		}
	case float64:
		if t == float64(int64(t)) {
			return int64(t)
		}
	}
	return v
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var cases struct {
		Expressions []string `json:"expressions"`
		Object      any      `json:"object"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		panic(err)
	}
	budget, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	env, err := cel.NewEnv(cel.Variable("object", cel.DynType), cel.OptionalTypes(), ext.Strings(), ext.Sets(), ext.Lists(), ext.Math(),
		ext.TwoVarComprehensions())
	if err != nil {
		panic(err)
	}
	input := map[string]any{"object": plain(cases.Object)}
	for _, expression := range cases.Expressions {
		ast, issues := env.Compile(expression)
		if issues.Err() != nil {
			panic(issues.Err())
		}
		program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			panic(err)
		}
		result, _, err := program.Eval(input)
		if err != nil {
			panic(err)
		}
		const step = 64
		var samples []float64
		for end := time.Now().Add(time.Duration(budget) * time.Millisecond); time.Now().Before(end); {
			begin := time.Now()
			for i := 0; i < step; i++ {
				program.Eval(input)
			}
			samples = append(samples, float64(time.Since(begin).Nanoseconds())/step)
		}
		sort.Float64s(samples)
		fmt.Printf("%.1f\t%v\n", samples[len(samples)/2], result.Value())
	}
}
