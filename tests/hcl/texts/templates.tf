plain      = "text"
empty      = ""
escapes    = "a\nb\rc\td\"e\\f\u00e9\U0001F600"
doubled    = "$${a} %%{b} $$${c} $ % $$ %% $x %y"
normal     = "é e${x}e"
wrapped    = "${a.b}"
wrapped2   = "${ "inner ${"deep"}" }"
joined     = "a${b}c${d}"
trimmed    = "a  ${~ b ~}  c"
condition  = "x%{ if a }yes%{ else }no%{ endif }y"
trimmed_if = "x %{~ if a ~} yes %{~ endif ~} y"
loop       = "%{ for k, v in m }${k}=${v},%{ endfor }"
nothing    = "%{ if a }%{ endif }"
quotes_in  = "${f("a", "b${"c"}")}"
braces     = "${ { a = "}" }["a"] }"
heredoc    = <<EOT
one $x 100%
  two ${a} "quoted" \n $${no} %%{no}
EOT
indented   = <<-EOT
    one
      two ${a}

    three
  EOT
less       = <<-EOT
  one
${a}
  EOT
directives = <<-EOT
  %{ for k, v in m ~}
  ${k} = ${v}
  %{ endfor ~}
  %{ if x }
  yes
  %{~ else ~}
  no
  %{ endif }
EOT
nested     = <<A
${<<B
inner
B
}
A
calls      = f(<<-X
  in a call
  X
  , 1)
list       = [
  <<X
one
X
  ,
  <<Y
two
Y
]
last       = 1
