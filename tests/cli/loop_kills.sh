# labels: property check
# needs: PFC_SQLITE
# kill -9 while feedback comes in and models are published and promoted. Fifty here, a thousand in
# loop_kills_all.sh.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/loop_kills.sh"
fresh && loop_kills 50
