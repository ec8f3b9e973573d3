# labels: quality nightly
# Every preset from the drawing to the judging: no row is rejected, nothing contradicts itself,
# models can be trained on it and judged, and led by value people close far more than led by
# chance, and no more than the oracle, at the truth. `large` within the memory that
# docs/SIMULATOR.md states; its models take a quarter of an hour.
set -eu
. "$SRC/tests/support/organisation.sh"
if [ "${BUILD_TYPE:-Release}" != Release ]; then
  echo "left to the release build: sanitizers take ten times as long"
  exit 0
fi
fresh
cat >peak.py <<'EOF'
import resource, subprocess, sys
if subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL):
    sys.exit("failed: " + " ".join(sys.argv[1:]))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
EOF
for preset in small medium hard large; do
  peak=$(python3 peak.py "$PROFICIO" simulate --preset $preset -o $preset \
    --framework "$SRC/datasets/samples/onet29" --quiet)
  echo "$preset: $peak MiB" >&2
  [ "$peak" -le 8192 ] || fail "$preset takes $peak MiB"
  exits 0 "$PROFICIO" import $preset --scale 0,7 -o data.h5 --max-bad 0 --quiet
  [ ! -e data.h5.rejects.csv ] || fail "rejects of $preset"
  exits 0 "$PROFICIO" check data.h5 --as-of 2025-12-31 --require affinity,success,time
  awk -F, '$1 == "contradiction" && $4 == "" && $5 > 0' out >broken
  [ ! -s broken ] || { cat broken >&2; fail "$preset contradicts itself"; }
  exits 0 "$PROFICIO" split data.h5 --at 2025-04-01 --quiet
  exits 0 "$PROFICIO" train data.h5 -o model.h5 --require affinity,success,time --quiet
  truth="--truth $preset/truth.h5"
  [ $preset != large ] || truth= # its policies take minutes more
  # shellcheck disable=SC2086
  exits 0 "$PROFICIO" evaluate model.h5 data.h5 --resamples 20 -o figures.csv --quiet $truth
  for model in affinity success time dropped left; do
    grep -q "^$model\." figures.csv || fail "$preset: nothing about $model"
  done
  # Seeds 1 to 6 of medium: value 3.0 to 4.3 times random, half of the oracle.
  [ -z "$truth" ] || awk -F, -v least=$([ $preset = small ] && echo 1 || echo 2) '
    $1 ~ /^policy.policies.*gap_closed$/ { closed[$1] = $2 }
    END {
      value = closed["policy.policies.value.gap_closed"]
      chance = closed["policy.policies.random.gap_closed"]
      best = closed["policy.policies.oracle.gap_closed"]
      exit !(chance > 0 && value > least * chance && value < best)
    }' figures.csv || fail "$preset: led by value people close too little, or too much"
  rm -r $preset data.h5 model.h5 figures.csv
done
