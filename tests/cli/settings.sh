# labels: golden check
# proficio.json is strict and is overridden by options; `config` tells what is in effect.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 40

value() { awk -F, -v name="$1" '$1 == name { print $2 }' out; }

exits 0 "$PROFICIO" config
[ "$(value train.affinity.rank)" = 16 ] || fail "default rank: $(value train.affinity.rank)"
awk -F, 'NR > 1 && ($4 == "" || $5 == "" || NF < 7)' out >bad
[ ! -s bad ] || fail "a setting without type, range or meaning: $(cat bad)"

# What config prints as JSON is a proficio.json that changes nothing.
exits 0 "$PROFICIO" config --json
sed 's/.*"settings":\(.*\),"seconds".*/\1/' out >proficio.json
"$PROFICIO" config >again 2>&1
mv proficio.json defaults.json
"$PROFICIO" config >without
cmp -s again without || fail "defaults do not survive a round trip"

echo '{"train": {"affinity": {"rank": 8}}, "evaluate": {"k": [3, 7]}}' >proficio.json
exits 0 "$PROFICIO" config
[ "$(value train.affinity.rank)" = 8 ] || fail "proficio.json was not read"
grep -q '^evaluate.k,"3,7",' out || fail "the list was not read"
exits 0 "$PROFICIO" config --set train.affinity.rank=9 --set train.affinity.rank=10
[ "$(value train.affinity.rank)" = 10 ] || fail "--set does not override"
exits 0 "$PROFICIO" config --config defaults.json
[ "$(value train.affinity.rank)" = 16 ] || fail "--config is not read instead"
exits 0 "$PROFICIO" config --seed 5
[ "$(value train.seed),$(value evaluate.seed)" = 5,5 ] || fail "--seed is not passed on"

# refused JSON MESSAGE [CODE]
refused() {
  echo "$1" >proficio.json
  exits "${3:-2}" "$PROFICIO" config
  says 'proficio config: proficio.json'
  says "$2"
}
refused '{"train": {"affinity": {"rnak": 8}}}' "did you mean 'train.affinity.rank'"
refused '{"train": {"rank": 8}}' "did you mean 'train.profile.rank', 'train.affinity.rank'"
refused '{"trian": {"affinity": {}}}' "there is no setting 'trian'"
refused '{"train": {"affinity": {"rank": 0}}}' 'train.affinity.rank: a whole number from 1 to 512'
refused '{"train": {"affinity": {"rank": "8"}}}' 'train.affinity.rank'
refused '{"train": {"affinity": 8}}' 'train.affinity: an object expected'
refused '{"evaluate": {"k": [7, 3]}}' 'evaluate.k: ascending numbers'
refused '{"evaluate": {"k": []}}' 'evaluate.k'
refused '{"evaluate": {"k": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]}}' ' at most, '
refused '{"recommend": {"rank_by": "price"}}' 'value|affinity expected'
refused '[1]' 'an object expected'
refused '{"train": {}' 'proficio.json' 3
refused '{"train": {}, "train": {}}' 'proficio.json' 3

# Nothing runs on settings that are wrong.
exits 3 "$PROFICIO" import org -o data.h5
[ ! -e data.h5 ] || fail "import ran on broken settings"
rm proficio.json
exits 4 "$PROFICIO" config --config missing.json
exits 0 "$PROFICIO" import org -o data.h5

# The settings that shaped a model stand in it; where it was trained does not.
exits 0 "$PROFICIO" train data.h5 -o m.h5 --only affinity --rank 3 --threads 1
exits 0 "$PROFICIO" inspect m.h5
says 'provenance.settings.train.affinity.rank,3' out
if strings -a m.h5 2>/dev/null | grep -F -e "$PWD" -e threads; then fail "a path or threads"; fi
