# labels: property check
# kill -9 at any moment: whole files or none. Fifty here, a thousand in kills_all.sh.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/kills.sh"
fresh && prepare_kills 600
kills 50
