# labels: property check
# A dataset or a model that is damaged, cut short or changed: every command says so, exits
# with 3 and writes nothing.
set -eu
. "$SRC/tests/support/organisation.sh"
python=
for python in /usr/bin/python3 python3 none; do
  "$python" -c 'import h5py' 2>/dev/null && break
done
[ "$python" != none ] || fail "needs python3-h5py (sh tests/setup.sh test)"
fresh && organisation org 40

exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --rank 4

# One file of each kind is bad.h5, the other is whole.
refused() {
  for command in "inspect bad.h5" "split bad.h5 --at 2014-10-01 -o out.h5" \
    "train bad.h5 -o out.h5" "recommend m.h5 bad.h5 --all -o out.csv" \
    "evaluate m.h5 bad.h5" "recommend bad.h5 data.h5 --all -o out.csv"; do
    case $1:$command in
    model:*" bad.h5 data.h5"*) ;;
    model:inspect*) ;;
    model:*) continue ;;
    dataset:*" bad.h5 data.h5"*) continue ;;
    esac
    # shellcheck disable=SC2086
    exits 3 "$PROFICIO" $command
    says "$2"
    says bad.h5
    [ ! -e out.h5 ] && [ ! -e out.csv ] || fail "$command wrote something"
  done
}

for kind in dataset model; do
  whole=data.h5
  [ "$kind" = dataset ] || whole=m.h5
  size=$(wc -c <"$whole")

  for at in 0 3 5000 $((size / 2)) $((size - 100)) $((size - 20)); do
    cp "$whole" bad.h5
    printf '\252\125\252\125\252\125\252\125' |
      dd of=bad.h5 bs=1 seek="$at" conv=notrunc 2>dd
    refused $kind damaged
  done
  for keep in 1000 $((size / 2)) $((size - 1000)); do
    head -c "$keep" "$whole" >bad.h5
    refused $kind "bad.h5"
  done
  head -c $((size - 1)) "$whole" >bad.h5
  refused $kind "lost its seal"

  cp "$whole" bad.h5
  "$python" -c 'import h5py; h5py.File("bad.h5", "r+").attrs["schema_version"] = 99'
  refused $kind "schema version 99 is of a later proficio"
  cp "$whole" bad.h5
  "$python" -c 'import h5py
file = h5py.File("bad.h5", "r+")
file["dictionary/other"] = h5py.ExternalLink("data.h5", "/dictionary/person")'
  refused $kind "'/dictionary/other' is an external link"
  cp "$whole" bad.h5
  "$python" -c 'import h5py
array = h5py.File("bad.h5", "r+")["dictionary/person"]
array[0] = array[0][:-1] + b"x"'
  refused $kind "lost its seal"
done
echo ok
