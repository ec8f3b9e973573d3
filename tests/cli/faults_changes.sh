# labels: property check
# needs: PFC_SQLITE
# As faults.sh, of what adds to a feedback store or changes a registry: what was acknowledged is
# there once, a whole champion serves, and what failed can be done again. A few calls of each
# kind; faults_changes_all.sh takes them all, in every way in which they can fail.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/faults.sh"
fresh && prepare_models && prepare_changes
FIRST=1 SAMPLE=1 EVERY_WAY=no
if [ "${BUILD_TYPE:-}" = Debug ]; then # sanitizers take ten times as long
  SAMPLE=0 SKIPPED="feedback-add registry-add registry-gc registry-rollback"
fi
changes
