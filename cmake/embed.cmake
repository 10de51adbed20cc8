# Writes an assembly file that holds every rules/**/*.yaml and rules/data/*.txt, and a table of them:
#   assay_embedded[] = {path, begin, end}, terminated by a null path.
file(GLOB_RECURSE FILES RELATIVE ${ROOT} ${ROOT}/rules/*.yaml ${ROOT}/rules/data/*.txt)
list(SORT FILES)
set(DATA ".section .rodata\n")
set(TABLE ".section .data.rel.ro,\"aw\"\n.balign 8\n.globl assay_embedded\nassay_embedded:\n")
set(N 0)
foreach(FILE ${FILES})
  string(APPEND DATA ".Lpath${N}: .asciz \"${FILE}\"\n.Lbegin${N}: .incbin \"${ROOT}/${FILE}\"\n.Lend${N}: .byte 0\n")
  string(APPEND TABLE ".quad .Lpath${N}, .Lbegin${N}, .Lend${N}\n")
  math(EXPR N "${N} + 1")
endforeach()
string(APPEND TABLE ".quad 0, 0, 0\n.section .note.GNU-stack,\"\",@progbits\n")
file(WRITE ${OUT} "${DATA}${TABLE}")
