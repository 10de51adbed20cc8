precedence     = 1 + 2 * 3 - 4 / 5 % 6 == 7 && !false || a < b && c >= d
left           = 10 - 3 - 2
unary          = -a.b + !c[0] - -1
conditional    = a ? b : c ? d : e
nested         = a ? b ? 1 : 2 : 3
parentheses    = (1 + 2) * (
  3
    +
  4 # ignored
)
numbers        = [0, 007, 1.50, 1e3, 2.5E-3, 100000000000000000000, 0.1, 1e-7, 340282366920938463463374607431768211456.0625]
calls          = merge({}, local.tags, { Name = "x" })
trailing       = f(a, b,)
expanded       = max(var.list...)
namespaced     = provider::aws::arn_parse("a")
multi          = concat(
  [1],

  # a comment between
  [2]
)
attributes     = module.a["x y"].b[0].c.0.d
keys           = a[b.c][-1]["k"][true]
splat_full     = aws_instance.web[*].ebs[*].id[0]
splat_legacy   = aws_instance.web.*.ebs.0.id
splat_mixed    = a.*.b[0]
splat_scalar   = var.one[*]
tuple_for      = [for v in var.list : upper(v)]
tuple_for_if   = [for i, v in var.list : "${i}=${v}" if v != ""]
object_for     = { for k, v in var.map : k => v }
object_group   = { for s in var.list : substr(s, 0, 1) => s... if s != "" }
for_lines      = {
  for
  k,
  v
  in
  var.map
  :
  k
  =>
  v
}
object_keys    = { a = 1, "b" = 2, (c) = 3, d : 4, "${e}" = 5, 6 = 7, true = 8, null = 9, (a.b) = 10 }
object_lines   = {
  a = 1
  b = { c = 2 }, # comma and newline

  d = [
    3
  ]
}
bare_for_key   = [for for in in : if]
keywords       = [for1, iff, in_, trueish]
