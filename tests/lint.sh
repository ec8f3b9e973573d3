#!/bin/sh
# clang-tidy (.clang-tidy) over every C file of the debug build; any warning fails.
#   sh tests/lint.sh [FILE...]
set -eu
cd "$(dirname "$0")/.."
[ -f build/debug/compile_commands.json ] || cmake --preset debug >/dev/null
if [ $# -eq 0 ]; then
  # Those that are compiled: a path ends in `c"` there and nowhere else.
  set -- $(git ls-files -- '*.c' | while read -r file; do
    ! grep -q "/$file\"" build/debug/compile_commands.json || echo "$file"
  done)
fi
printf '%s\n' "$@" |
  xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 2 clang-tidy-14 -p build/debug --quiet \
    --extra-arg=-Wno-unknown-warning-option 2>/dev/null
