# labels: property check
# Whatever fails, at whatever moment: opening, reading, writing (once, for good, half way),
# syncing, renaming, closing, memory. A named error and exit 4, or the right result; what
# stood there before stands there whole; nothing is left behind. Here the first calls of each
# kind and a sample of the others; faults_all.sh takes them all.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/faults.sh"
fresh && prepare_operations
FIRST=8 SAMPLE=8 FIRST_ALLOC=10 SAMPLE_ALLOC=20
[ "${BUILD_TYPE:-}" != Debug ] || FIRST=4 SAMPLE=4 FIRST_ALLOC=4 SAMPLE_ALLOC=8
operations
