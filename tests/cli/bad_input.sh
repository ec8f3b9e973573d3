# labels: golden check
# Every bad file of tests/bad_input is told for what it is: file, line, column, value, what
# was expected, how to mend it, and the exit code (tests/bad_input/README.md).
set -eu
. "$SRC/tests/support/organisation.sh"
fresh
organisation org 60
"$PROFICIO" import org -o org.h5 --quiet >/dev/null
"$PROFICIO" train org.h5 -o org.model --quiet >/dev/null

# What the commands of the cases may name.
export DATA="$PWD/org.h5" MODEL="$PWD/org.model"
export OULAD="$SRC/tests/bad_input/oulad" ONET="$SRC/tests/bad_input/onet"
OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
export OMP_NUM_THREADS OPENBLAS_NUM_THREADS

# Pass one names the folders, pass two fills them.
cases="$SRC/tests/support/bad_input.awk"
awk -v pass=1 -f "$cases" "$SRC"/tests/bad_input/*.txt | xargs mkdir -p
awk -v pass=2 -f "$cases" "$SRC"/tests/bad_input/*.txt
n=$(find . -name want | wc -l)
for case in case-*; do
  (
    cd "$case"
    [ ! -e make ] || . ./make
    code=0
    eval "\"\$PROFICIO\" $(cat command)" >out 2>err </dev/null || code=$?
    echo "$code" >code
  )
done
no_leftovers
awk -v base="$SRC/tests/bad_input/" -f "$SRC/tests/support/bad_input_check.awk" case-*/want ||
  fail "see above"
[ "$n" -ge 250 ] || fail "only $n cases"
echo "$n cases"
