# labels: property nightly
# Datasets and models damaged 20,000 times each, in every way that tests/support/damage.h
# knows: refused every time. A failure prints its seed and what was done.
set -eu
binaries=$(cd ../.. && pwd)
for test in datasets_dataset_damage models_bundle_damage; do
  if ! PFC_TEST_COUNT=20000 "$binaries/test_$test" >out 2>&1; then
    cat out
    echo "FAILED: $test with PFC_TEST_COUNT=20000"
    exit 1
  fi
  grep 'PASSED' out
done
