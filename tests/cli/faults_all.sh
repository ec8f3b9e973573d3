# labels: property nightly
# As faults.sh, with every single call failing in turn.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/faults.sh"
fresh && prepare_operations
FIRST=1000000 SAMPLE=0 FIRST_ALLOC=1000000 SAMPLE_ALLOC=0
# Sanitizers take ten times as long: there every tenth.
[ "${BUILD_TYPE:-}" != Debug ] || FIRST=50 SAMPLE=100 FIRST_ALLOC=300 SAMPLE_ALLOC=1000
operations
