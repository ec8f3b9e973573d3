# labels: property check
# Files of ours need none of our code: h5py and numpy find in them what went in, and compute
# from a model what the program answers.
set -eu
. "$SRC/tests/support/organisation.sh"
python=
for python in /usr/bin/python3 python3 none; do
  "$python" -c 'import h5py, numpy' 2>/dev/null && break
done
[ "$python" != none ] || fail "needs python3-h5py (sh tests/setup.sh test)"
fresh && organisation org 40

exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --rank 4
awk -F, 'NR > 1 { print $1 }' org/people.csv | awk '
  BEGIN { print "person_id,intervention_id" }
  { for (i = NR % 3; i < 8; i += 3) print $1 ",I" i }' >pairs.csv
exits 0 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv -o pairs.h5
"$python" "$SRC/tests/support/read_with_h5py.py" org data.h5 m.h5 pairs.h5

# And EASE is what numpy makes of the same rows.
exits 0 "$PROFICIO" train data.h5 -o ease.h5 --baseline ease
exits 0 "$PROFICIO" recommend ease.h5 data.h5 --all --min-value=-1 -o lists.csv
"$python" "$SRC/tests/support/ease_with_numpy.py" org ease.h5 lists.csv
exits 0 "$PROFICIO" train data.h5 -o ease.h5 --baseline ease --ease-lambda 99
if "$python" "$SRC/tests/support/ease_with_numpy.py" org ease.h5 lists.csv 2>err; then
  fail "weights of another ridge were not noticed"
fi
says AssertionError

# The check has teeth: another cell, another coefficient.
sed '2s/passed/failed/; 2t; 2s/failed/passed/' org/enrolments.csv >other
mv other org/enrolments.csv
if "$python" "$SRC/tests/support/read_with_h5py.py" org data.h5 m.h5 pairs.h5 2>err; then
  fail "another cell was not noticed"
fi
says /tables/enrolments/status
exits 0 "$PROFICIO" import org -o data2.h5
if "$python" "$SRC/tests/support/read_with_h5py.py" org data2.h5 m.h5 pairs.h5 2>err; then
  fail "predictions of other data were not noticed"
fi
says told
