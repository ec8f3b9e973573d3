# labels: property check
# Same data, settings and seed: the same bytes of dataset, model and lists, for any number
# of threads; another seed, another model.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 120

exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" import org -o data2.h5
cmp data.h5 data2.h5 || fail "the same import, other bytes"
exits 0 "$PROFICIO" split data.h5 --at 2023-04-01
for threads in 1 2 3; do
  exits 0 "$PROFICIO" train data.h5 -o "m$threads.h5" --threads $threads --seed 7
  exits 0 "$PROFICIO" recommend m1.h5 data.h5 --all --threads $threads -o "l$threads.csv"
  exits 0 "$PROFICIO" recommend m1.h5 data.h5 --all --threads $threads -o "l$threads.h5"
  exits 0 "$PROFICIO" evaluate m1.h5 data.h5 --resamples 50 --threads $threads -o "e$threads.csv"
  for kind in m.h5 l.csv l.h5 e.csv; do
    one=${kind%%.*}1.${kind#*.}
    this=${kind%%.*}$threads.${kind#*.}
    cmp "$one" "$this" || fail "$kind: $threads threads give other bytes"
  done
done
exits 0 "$PROFICIO" train data.h5 -o other.h5 --seed 8
! cmp -s m1.h5 other.h5 || fail "the seed has no say"
no_leftovers
