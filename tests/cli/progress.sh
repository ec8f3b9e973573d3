# labels: golden check
# Data on standard output, everything else on standard error: JSON lines with --log-json,
# nothing with --quiet, no bar where there is no terminal.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 60

exits 0 "$PROFICIO" import org -o data.h5 --quiet
[ ! -s err ] || fail "--quiet said: $(cat err)"
exits 0 "$PROFICIO" train data.h5 -o m.h5 --quiet
[ ! -s err ] || fail "--quiet said: $(cat err)"
exits 0 "$PROFICIO" train data.h5 -o m.h5 --log-json
grep '^{' err >lines || fail "no JSON lines"
grep -vE '^\{"stage":"[^"]+","done":[0-9]+,"total":[0-9]+,"objective":(null|-?[0-9.e+-]+)\}$' \
  lines && fail "no such line expected"
exits 0 "$PROFICIO" train data.h5 -o m.h5
! grep -q "$(printf '\033')" err || fail "a bar without a terminal"
says 'converged'
head -n 1 out | grep -qx model,trained,rows,note || fail "table: $(head -n 1 out)"
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  script -qec "'$PROFICIO' train data.h5 -o m.h5 2>&1 >/dev/null" /dev/null >bar </dev/null
  grep -q "$(printf '\033')" bar || fail "no bar on a terminal"

  # wide COLUMNS COMMAND...: no line of its table is longer than the terminal.
  wide() {
    columns=$1
    shift
    script -qec "stty cols $columns; '$PROFICIO' $* 2>/dev/null" /dev/null </dev/null |
      tr -d '\r' | sed 's/\o342\o200\o246/./g' >table
    [ -s table ] || fail "no table: $*"
    awk -v most="$columns" 'length($0) > most { exit 1 }' table || fail "wide: $(cat table)"
  }
  for columns in 80 120; do
    wide $columns recommend m.h5 data.h5 --person P001 --top 2
    wide $columns predict m.h5 data.h5 --person P001 --intervention I2
    wide $columns predict m.h5 data.h5 --person P001 --intervention I2 --curves
    wide $columns inspect m.h5
  done
  # Names stay whole where a value can go on below.
  grep -q '^provenance.settings.train.affinity.kappa_people ' table || fail "cut: $(cat table)"
fi
