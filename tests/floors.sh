#!/bin/sh
# Holds the house in order. Fails when
#  - a floor includes one above it, or another folder's *_internal.h;
#  - the library (base .. trainer) prints or exits: that is for cli;
#  - a file names a path of some developer's machine.
#   sh tests/floors.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/..}"

# All files that count: the tracked ones, or everything where there is no repository.
if [ -e .git ]; then
  files() { git ls-files -- "$@"; }
else
  files() { find . -type f | sed 's|^\./||' | { [ $# -eq 0 ] && cat || grep '\.[ch]$' || true; }; }
fi

status=0

files '*.c' '*.h' | xargs -r awk '
  BEGIN {
    n = split("base datasets models engine trainer bench cli", order, " ")
    for (i = 1; i <= n; i++) floor[order[i]] = i
    library = floor["trainer"]
  }
  function fault(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what
    bad = 1
  }
  # The line without comments and string literals.
  function code(line,   out, at) {
    gsub(/\\./, "", line)
    gsub(/"[^"]*"/, "\"\"", line)
    out = ""
    while (line != "") {
      if (inside) {
        at = index(line, "*/")
        if (!at) return out
        line = substr(line, at + 2)
        inside = 0
      } else if (match(line, /\/[\/*]/)) {
        out = out substr(line, 1, RSTART - 1)
        if (substr(line, RSTART, 2) == "//") return out
        line = substr(line, RSTART + 2)
        inside = 1
      } else {
        return out line
      }
    }
    return out
  }
  FNR == 1 {
    inside = 0
    here = FILENAME
    sub(/\/.*/, "", here)
  }
  !(here in floor) { next }
  /^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\"")
    there = part[2]
    sub(/\/.*/, "", there)
    if (!(there in floor)) fault("\"" part[2] "\" is not of a floor of the house")
    else if (floor[there] > floor[here]) fault(here " must not use " there ", which is above it")
    else if (there != here && part[2] ~ /_internal\.h$/) fault("\"" part[2] "\" is for " there " alone")
    next
  }
  floor[here] <= library {
    text = code($0)
    if (text ~ /(^|[^A-Za-z0-9_])(printf|vprintf|puts|putchar|perror|exit|_exit|_Exit|quick_exit|abort)[ \t]*\(/ ||
        text ~ /(^|[^A-Za-z0-9_])(stdout|stderr)([^A-Za-z0-9_]|$)/)
      fault("the library neither prints nor exits")
  }
  END { exit bad }
' || status=1

if files | tr '\n' '\0' | xargs -0 -r grep -nIE '(^|[^A-Za-z0-9_.>-])/(work|root)/' /dev/null; then
  echo "a path of one machine stands in a file" >&2
  status=1
fi
exit $status
