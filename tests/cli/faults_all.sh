# labels: property nightly
# needs: PFC_SQLITE
# As faults.sh, with every single call failing in turn (only of the tens of thousands of
# allocations under a memory that stays short, 2,200).
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/faults.sh"
if [ "${BUILD_TYPE:-Release}" != Release ]; then
  echo "left to the release build: sanitizers take ten times as long"
  exit 0
fi
fresh && prepare_operations
FIRST=2000 SAMPLE=200 FIRST_ALLOC=1000000 SAMPLE_ALLOC=0
operations
