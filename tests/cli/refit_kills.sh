# labels: property check
# kill -9 while the champion is challenged: refits go on from what is done. Sixty here (of a
# sanitized build, to which a killed process tells nothing, twelve), a thousand in
# refit_kills_all.sh.
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/loop_kills.sh"
n=60
[ "${BUILD_TYPE:-Release}" = Release ] || n=12
fresh && refit_kills $n
