# labels: property nightly
# As refit_kills.sh, a thousand times.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/loop_kills.sh"
if [ "${BUILD_TYPE:-Release}" != Release ]; then
  echo "left to the release build: a killed process tells a sanitizer nothing"
  exit 0
fi
fresh && refit_kills 1008
