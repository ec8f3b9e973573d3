# labels: property nightly
# needs: PFC_SQLITE
# As faults_changes.sh, with every single call failing in turn.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/faults.sh"
if [ "${BUILD_TYPE:-Release}" != Release ]; then
  echo "left to the release build: sanitizers take ten times as long"
  exit 0
fi
fresh && prepare_models && prepare_changes
FIRST=1000000 SAMPLE=0 EVERY_WAY=yes
changes
