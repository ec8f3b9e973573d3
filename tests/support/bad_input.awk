# Writes the cases of tests/bad_input/*.txt into folders: in/ with their files, `command`,
# `make` (files made by commands), `want` (what must be told). Pass 1 prints the folders.

function begin(name) {
  finish()
  n_cases++
  dir = sprintf("case-%03d", n_cases)
  if (pass == 1) print dir "/in"
  command = "import in -o d.h5"
  put(dir "/want", "case " FILENAME ":" FNR ": " name)
  to = ""
}
function put(file, text) {
  if (pass == 2) print text >file
  if (pass == 2) opened[file] = 1
}
function finish() {
  if (!dir) return
  put(dir "/command", command)
  if (pass == 2) for (f in opened) close(f)
  for (f in opened) delete opened[f]
  dir = ""
}
function path_of(name) { return substr(name, 1, 1) == "/" ? substr(name, 2) : "in/" name }

# The cell as CSV means it.
function plain(cell) {
  if (cell !~ /^"/) return cell
  cell = substr(cell, 2, length(cell) - 2)
  gsub(/""/, "\"", cell)
  return cell
}
# One cell of a column: a case of its own.
function cell_case(line, at, cell, what) {
  at = index(line, " => ")
  cell = substr(line, 1, at - 1)
  what = substr(line, at + 4)
  begin(table " " column " " cell)
  put(dir "/in/" table, header)
  put(dir "/in/" table, row cell)
  if (what == "ok") {
    put(dir "/want", "exit 0")
  } else {
    put(dir "/want", "exit 3")
    put(dir "/want", table ":2: " column ": '" plain(cell) "': " what)
  }
}

FNR == 1 {
  finish()
  mode = to = ""
}
/^~~~ / {
  finish()
  mode = "cells"
  table = $2
  header = row = ""
  for (i = 3; i < NF; i++) {
    split($i, pair, "=")
    header = header pair[1] ","
    row = row pair[2] ","
  }
  column = $NF
  header = header column
  next
}
/^=== / {
  begin(substr($0, 5))
  mode = "case"
  next
}
mode == "cells" && / => / {
  cell_case($0)
  next
}
mode == "cells" || mode == "" { next }
/^\$ / {
  command = substr($0, 3)
  next
}
/^--- / {
  name = $2
  to = dir "/" path_of(name)
  if ($3 == "<") put(dir "/make", substr($0, index($0, " < ") + 3) " >" path_of(name))
  else if (pass == 2) {
    printf "" >to
    opened[to] = 1
  }
  next
}
/^>>> / {
  put(dir "/want", "exit " $2)
  to = dir "/want"
  next
}
to && !(to ~ /want$/ && $0 == "") { put(to, $0) }
END { finish() }
