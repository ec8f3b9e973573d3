# labels: golden check
# proficio registry: versions, aliases, and REGISTRY/@champion wherever a model is.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 60
exits 0 "$PROFICIO" import org -o data.h5
for rank in 1 2; do
  exits 0 "$PROFICIO" train data.h5 -o m$rank.h5 --rank $rank --max-sweeps 2
  exits 0 "$PROFICIO" registry add reg m$rank.h5
done
exits 3 "$PROFICIO" recommend reg/@champion data.h5 --all
grep -q "has no champion yet" err || fail "no champion"
exits 0 "$PROFICIO" registry promote reg 1 --why first
exits 0 "$PROFICIO" registry promote reg 2 --as challenger
exits 0 "$PROFICIO" registry promote reg challenger --json
tail -n 1 out | grep -q '"versions":2,"champion":2,"challenger":0,"previous":1' || fail "aliases"
cmp -s m2.h5 reg/versions/000002/model.h5 || fail "a version is the bundle to the byte"

# The same lists, by the file or by the alias.
exits 0 "$PROFICIO" recommend m2.h5 data.h5 --all -o a.csv
exits 0 "$PROFICIO" recommend reg/@champion data.h5 --all -o b.csv
cmp -s a.csv b.csv || fail "lists of the champion"
exits 0 "$PROFICIO" inspect reg/@previous
exits 0 "$PROFICIO" registry rollback reg
exits 0 "$PROFICIO" recommend m1.h5 data.h5 --all -o a.csv
exits 0 "$PROFICIO" recommend reg/@champion data.h5 --all -o b.csv
cmp -s a.csv b.csv || fail "lists after a rollback"
exits 0 "$PROFICIO" registry list reg --format csv
grep -q '^1,champion,' out || { cat out; fail "list"; }
exits 0 "$PROFICIO" registry show reg
grep -c '"alias"' out | grep -qx 4 || fail "every move is recorded"
exits 3 "$PROFICIO" registry promote reg 7
grep -q 'the latest is 2' err || fail "which there are"
exits 0 "$PROFICIO" registry verify reg
cp m1.h5 reg/versions/000002/model.h5
exits 3 "$PROFICIO" registry verify reg
exits 3 "$PROFICIO" recommend reg/@2 data.h5 --all
exits 0 "$PROFICIO" registry gc reg --keep 1
