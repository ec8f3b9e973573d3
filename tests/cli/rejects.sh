# labels: golden check
# What is wrong is told with file, line, column, value and reason, in a file of mode 0600;
# too much of it fails the import, and the file tells why.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 40
umask 022

echo 'P001,I1,2023-02-30,2023-02-30,,passed' >>org/enrolments.csv
echo 'P001,"I,""1",2023-02-01,2023-02-01,2023-03-01,passed' >>org/enrolments.csv
lines=$(wc -l <org/enrolments.csv)
exits 0 "$PROFICIO" import org -o data.h5 --max-bad 10
file=data.h5.rejects.csv
[ "$(stat -c %a $file)" = 600 ] || fail "mode $(stat -c %a $file)"
head -n 1 $file | grep -qx file,line,column,value,reason || fail "header: $(head -n 1 $file)"
grep -q "enrolments.csv\",$((lines - 1)),\"enrolled_on\",\"2023-02-30\"," $file ||
  fail "the date: $(cat $file)"
grep -q "enrolments.csv\",$lines,.*I,\"\"1" $file || fail "the reference: $(cat $file)"
says "see $file"
grep -q '^enrolments,.*,2,' out || fail "not counted: $(cat out)"

# Too many: exit 3, no dataset, and still the file.
rm -f data.h5 $file
exits 3 "$PROFICIO" import org -o data.h5 --max-bad 1 --rejects why.csv
says 'why.csv'
[ ! -e data.h5 ] || fail "a dataset all the same"
[ "$(wc -l <why.csv)" -ge 3 ] || fail "why: $(cat why.csv)"

# None: no file, unless one is named.
rm -rf org && organisation org 40
exits 0 "$PROFICIO" import org -o data.h5
[ ! -e $file ] || fail "a file without rejects"
exits 0 "$PROFICIO" import org -o data.h5 --rejects none.csv
[ "$(cat none.csv)" = file,line,column,value,reason ] || fail "none: $(cat none.csv)"
no_leftovers
