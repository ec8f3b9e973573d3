# labels: property nightly
# As kills.sh, a thousand times.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/kills.sh"
fresh && prepare_kills 1500
kills 1000
