# labels: property nightly
# As kills.sh, a thousand times.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/kills.sh"
if [ "${BUILD_TYPE:-Release}" != Release ]; then
  echo "left to the release build: a killed process tells a sanitizer nothing"
  exit 0
fi
fresh && prepare_kills 1500
kills 1000
