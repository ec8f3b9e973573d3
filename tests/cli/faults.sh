# labels: property check
# needs: PFC_SQLITE
# Whatever fails, at whatever moment: opening, reading, writing (once, for good, half way),
# syncing, renaming, closing, memory. A named error and exit 4, or the right result; what
# stood there before stands there whole; nothing is left behind. Here the first calls of each
# kind and a sample of the others; faults_all.sh takes them all.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/faults.sh"
fresh && prepare_operations
FIRST=8 SAMPLE=8 FIRST_ALLOC=10 SAMPLE_ALLOC=20
if [ "${BUILD_TYPE:-}" = Debug ]; then # sanitizers take ten times as long
  FIRST=3 SAMPLE=3 FIRST_ALLOC=2 SAMPLE_ALLOC=8
  SKIPPED='data2.h5 data2.h5:why.csv truth.h5:people.csv:enrolments.csv figures.csv page.html:lift.svg:exposure.svg truths.csv judged.csv pairs2.csv lists.jsonl lists.h5 lists.txt lists2.csv told.csv settings.csv proposed.csv bare.h5'
fi
operations
