# labels: unit check
# The check of the floors finds what it is for: each fault, planted alone in a small
# house that is otherwise in order, is reported; the house without it passes.
set -eu
check="$SRC/tests/floors.sh"

house() {
  rm -rf house
  mkdir -p house/base house/engine house/bench house/cli house/tests/engine
  echo '#include "base/error.h"' >house/base/error.c
  printf '%s\n' '/* printf("x") and stdout, in a comment */' '#include "base/error.h"' \
    '#include "engine/rank_internal.h"' 'int n = snprintf(b, 1, "exit(1)"); // puts(x)' \
    >house/engine/rank.c
  printf '%s\n' '#include "engine/rank.h"' 'void f(void) { puts("x"); }' >house/bench/bench.c
  printf '%s\n' '#include "bench/bench.h"' 'int main(void) { exit(0); }' >house/cli/main.c
  echo '#include "engine/rank_internal.h"' >house/tests/engine/test_rank.c
}

# expect FAULT FILE LINE: with the line in the file, the check fails and says so.
expect() {
  house
  echo "$3" >>"house/$2"
  if sh "$check" house >out 2>&1; then
    echo "not found: $3 in $2"
    exit 1
  fi
  grep -q "$1" out || { echo "not said: $1"; cat out; exit 1; }
}

house
sh "$check" house || { echo "a house in order was refused"; exit 1; }

expect 'base must not use engine' base/error.c '#include "engine/rank.h"'
expect 'engine must not use cli' engine/rank.c '#  include "cli/cli.h"'
expect 'engine must not use bench' engine/rank.c '#include "bench/bench.h"'
expect 'bench must not use cli' bench/bench.c '#include "cli/cli.h"'
expect 'for base alone' engine/rank.c '#include "base/h5_internal.h"'
expect 'not of a floor' base/error.c '#include "tests/support/test.h"'
expect 'neither prints' base/error.c 'void f(void) { printf("x"); }'
expect 'neither prints' base/error.c 'void f(void) { (void)fprintf(stderr, "x"); }'
expect 'neither prints' engine/rank.c '/* a */ void f(void) { exit (1); }'
expect 'neither prints' engine/rank.c 'void f(void) { puts("/* x"); }'
folder=work
expect 'a path of one machine' cli/main.c "// see /$folder/notes"
expect 'a path of one machine' tests/engine/test_rank.c "\"/$folder/x\""
