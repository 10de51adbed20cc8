// A second reading of HCL: prints the trees of hashicorp/hcl in the notation of tests/hcl/dump.hpp, with every
// span. Texts come framed (a line with the number of bytes, the bytes, a newline) on standard input; for each a line
// with `error`, or `ok` and the FNV-64a hash of its tree, or with -v the tree itself.
//
//	ASSAY_HCL_TEXTS=/tmp/texts build/tests/assay-tests "[hcl-texts]"
//	go run . < /tmp/texts > ../../hcl/generated.txt
//	for f in ../../hcl/texts/*.tf; do (wc -c < $f; cat $f; echo) | go run . -v > ${f%.tf}.tree; done
package main

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

type dumper struct {
	src []byte
}

func quoted(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			fmt.Fprintf(&out, "\\x%02x", c)
		} else {
			out.WriteByte(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func at(begin, end int) string { return "@" + strconv.Itoa(begin) + "-" + strconv.Itoa(end) }

func place(r hcl.Range) string { return at(r.Start.Byte, r.End.Byte) }

func literal(v cty.Value, where string) string {
	switch {
	case !v.IsKnown():
		return "bad" + where
	case v.IsNull():
		return "null" + where
	case v.Type() == cty.Bool:
		return strconv.FormatBool(v.True()) + where
	case v.Type() == cty.Number:
		return "number" + where + " " + v.AsBigFloat().Text('f', -1)
	default:
		return "text" + where + " " + quoted(v.AsString())
	}
}

var operators = map[*hclsyntax.Operation]string{
	hclsyntax.OpLogicalOr: "||", hclsyntax.OpLogicalAnd: "&&", hclsyntax.OpLogicalNot: "!", hclsyntax.OpEqual: "==",
	hclsyntax.OpNotEqual: "!=", hclsyntax.OpGreaterThan: ">", hclsyntax.OpGreaterThanOrEqual: ">=", hclsyntax.OpLessThan: "<",
	hclsyntax.OpLessThanOrEqual: "<=", hclsyntax.OpAdd: "+", hclsyntax.OpSubtract: "-", hclsyntax.OpMultiply: "*",
	hclsyntax.OpDivide: "/", hclsyntax.OpModulo: "%", hclsyntax.OpNegate: "-",
}

// Steps of a traversal, each around the text of what stands before it, which begins at `begin`.
func steps(base string, begin int, steps hcl.Traversal) string {
	for _, step := range steps {
		switch s := step.(type) {
		case hcl.TraverseAttr:
			base = "(get" + at(begin, s.SrcRange.End.Byte) + " " + base + " " + s.Name + ")"
		case hcl.TraverseIndex:
			base = "(index" + at(begin, s.SrcRange.End.Byte) + " " + base + " " + literal(s.Key, "") + ")"
		}
	}
	return base
}

func (d *dumper) parts(head string, r hcl.Range, parts ...hclsyntax.Expression) string {
	out := "(" + head + place(r)
	for _, part := range parts {
		if part != nil {
			out += " " + d.expression(part)
		}
	}
	return out + ")"
}

func (d *dumper) expression(e hclsyntax.Expression) string {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return literal(e.Val, place(e.SrcRange))
	case *hclsyntax.TemplateExpr:
		if len(e.Parts) == 1 {
			if part, ok := e.Parts[0].(*hclsyntax.LiteralValueExpr); ok && part.Val.Type() == cty.String {
				return literal(part.Val, place(e.SrcRange))
			}
		}
		return d.parts("template", e.SrcRange, e.Parts...)
	case *hclsyntax.TemplateWrapExpr:
		return d.parts("wrap", e.SrcRange, e.Wrapped)
	case *hclsyntax.TemplateJoinExpr:
		f := e.Tuple.(*hclsyntax.ForExpr)
		return "(tfor" + place(f.SrcRange) + " " + f.KeyVar + "," + f.ValVar + " " + d.expression(f.CollExpr) + " " + d.expression(f.ValExpr) + ")"
	case *hclsyntax.ScopeTraversalExpr:
		root := e.Traversal[0].(hcl.TraverseRoot)
		return steps("variable"+place(root.SrcRange)+" "+root.Name, root.SrcRange.Start.Byte, e.Traversal[1:])
	case *hclsyntax.RelativeTraversalExpr:
		return steps(d.expression(e.Source), e.Source.Range().Start.Byte, e.Traversal)
	case *hclsyntax.IndexExpr:
		return d.parts("index", e.SrcRange, e.Collection, e.Key)
	case *hclsyntax.SplatExpr:
		return d.parts("splat", e.SrcRange, e.Source, e.Each)
	case *hclsyntax.AnonSymbolExpr:
		return "item" + place(e.SrcRange)
	case *hclsyntax.TupleConsExpr:
		return d.parts("tuple", e.SrcRange, e.Exprs...)
	case *hclsyntax.ObjectConsExpr:
		out := "(object" + place(e.SrcRange)
		for _, item := range e.Items {
			out += " " + d.expression(item.KeyExpr) + " " + d.expression(item.ValueExpr)
		}
		return out + ")"
	case *hclsyntax.ObjectConsKeyExpr:
		if !e.ForceNonLiteral {
			if name := hcl.ExprAsKeyword(e.Wrapped); name != "" {
				return "text" + place(e.Wrapped.Range()) + " " + quoted(name)
			}
		}
		return d.expression(e.Wrapped)
	case *hclsyntax.FunctionCallExpr:
		name := e.Name
		if e.ExpandFinal {
			name += "..."
		}
		out := "(call" + place(e.Range()) + " " + name
		for _, arg := range e.Args {
			out += " " + d.expression(arg)
		}
		return out + ")"
	case *hclsyntax.ConditionalExpr:
		head := "if"
		if d.src[e.SrcRange.Start.Byte] == '%' {
			head = "tif"
		}
		return d.parts(head, e.SrcRange, e.Condition, e.TrueResult, e.FalseResult)
	case *hclsyntax.BinaryOpExpr:
		return d.parts(operators[e.Op], e.SrcRange, e.LHS, e.RHS)
	case *hclsyntax.UnaryOpExpr:
		return d.parts(operators[e.Op], e.SrcRange, e.Val)
	case *hclsyntax.ParenthesesExpr:
		return d.parts("paren", e.SrcRange, e.Expression)
	case *hclsyntax.ForExpr:
		head := "(for"
		if e.KeyExpr != nil {
			head = "(forobject"
		}
		if e.Group {
			head += "..."
		}
		out := head + place(e.SrcRange) + " " + e.KeyVar + "," + e.ValVar + " " + d.expression(e.CollExpr)
		for _, part := range []hclsyntax.Expression{e.KeyExpr, e.ValExpr, e.CondExpr} {
			if part != nil {
				out += " " + d.expression(part)
			}
		}
		return out + ")"
	default:
		return fmt.Sprintf("unexpected %T", e)
	}
}

func (d *dumper) body(b *hclsyntax.Body) string {
	type item struct {
		begin int
		text  string
	}
	var items []item
	for _, a := range b.Attributes {
		items = append(items, item{a.SrcRange.Start.Byte, "(= " + a.Name + place(a.SrcRange) + " " + d.expression(a.Expr) + ")\n"})
	}
	for _, k := range b.Blocks {
		out := "({} " + k.Type + at(k.TypeRange.Start.Byte, k.CloseBraceRange.End.Byte)
		for i, label := range k.Labels {
			out += " " + quoted(label) + place(k.LabelRanges[i])
		}
		items = append(items, item{k.TypeRange.Start.Byte, out + "\n" + d.body(k.Body) + ")\n"})
	}
	sort.Slice(items, func(i, j int) bool { return items[i].begin < items[j].begin })
	var out strings.Builder
	for _, i := range items {
		out.WriteString(i.text)
	}
	return out.String()
}

func main() {
	verbose := len(os.Args) > 1 && os.Args[1] == "-v"
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		size, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			continue // the test runner's own words
		}
		src := make([]byte, size)
		if _, err := io.ReadFull(in, src); err != nil {
			panic(err)
		}
		file, diags := hclsyntax.ParseConfig(src, "", hcl.InitialPos)
		if diags.HasErrors() {
			fmt.Fprintln(out, "error")
			if verbose {
				fmt.Fprintln(out, diags.Error())
			}
			continue
		}
		d := dumper{src}
		tree := d.body(file.Body.(*hclsyntax.Body))
		if verbose {
			fmt.Fprint(out, "ok\n"+tree)
			continue
		}
		h := fnv.New64a()
		h.Write([]byte(tree))
		fmt.Fprintf(out, "ok %016x\n", h.Sum64())
	}
}
