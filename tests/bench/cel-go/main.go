// Times cel-go on the expressions of a file of cases: main CASES MILLISECONDS
//   -> NANOSECONDS<tab>RESULT, a line an expression.
package main

import (
	"encoding/json"
	"fmt"
	"os"
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
		count, spent := 0, time.Duration(0)
		for step := 64; spent < time.Duration(budget)*time.Millisecond; count += step {
			begin := time.Now()
			for i := 0; i < step; i++ {
				program.Eval(input)
			}
			spent += time.Since(begin)
		}
		fmt.Printf("%.1f\t%v\n", float64(spent.Nanoseconds())/float64(count), result.Value())
	}
}
