# labels: property nightly
# The property tests once more, with many seeds. A failure names the test and its seed:
# repeat it with PFC_TEST_SEED=SEED. Those that are nightly themselves have seeds enough of their
# own.
set -eu
binaries=$(cd ../.. && pwd)
seeds="11 12 13 14 15 16 17 18 19 20"
[ "${BUILD_TYPE:-}" != Debug ] || seeds="11 12" # sanitizers take several times as long
ran=0
failed=0
for source in $(grep -lE '^(//|/\*) *labels:.*property' "$SRC"/tests/*/test_*.c); do
  ! grep -qE '^(//|/\*) *labels:.*nightly' "$source" || continue
  folder=$(basename "$(dirname "$source")")
  name=$(basename "$source" .c)
  for seed in $seeds; do
    rm -rf run && mkdir run # what the last one left is not this one's
    if ! (cd run && PFC_TEST_SEED=$seed "$binaries/test_${folder}_${name#test_}") >out 2>&1; then
      cat out
      echo "FAILED: $folder/$name with PFC_TEST_SEED=$seed"
      failed=$((failed + 1))
    fi
    ran=$((ran + 1))
  done
done
echo "$ran runs, $failed failed"
[ "$ran" -gt 0 ] && [ "$failed" -eq 0 ]
