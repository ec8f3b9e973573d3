# labels: unit nightly
# A build without SQLite: it has no feedback store, says so where one is asked for, and does
# everything else. What stands on it from outside finds the same libraries.
set -eu
. "$SRC/tests/support/organisation.sh"
if [ "${BUILD_TYPE:-Release}" != Release ]; then
  echo "left to the release build, so that it runs once"
  exit 0
fi
fresh
if ! { cmake -S "$SRC" -B build -DPFC_SQLITE=OFF -DCMAKE_INSTALL_PREFIX="$PWD/there" &&
  cmake --build build --target proficio proficio_shared proficio_static &&
  cmake --install build; } </dev/null >build.log 2>&1; then
  tail -n 40 build.log
  fail "it does not build"
fi
with=$PROFICIO PROFICIO=$PWD/there/bin/proficio
! ldd "$PROFICIO" | grep -q sqlite || fail "SQLite is linked all the same"
! grep -rq sqlite there/lib*/pkgconfig || fail "pkg-config asks for SQLite"

exits 0 "$PROFICIO" help
! grep -q feedback out || fail "help lists what is not there"
for arguments in 'feedback verify --store f.db' 'feedback --help' 'help feedback'; do
  exits 2 "$PROFICIO" $arguments
  says 'this build has no feedback store'
done
exits 2 "$PROFICIO" bench --small --only feedback

organisation org 60
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" train data.h5 -o m.h5 --rank 2 --max-sweeps 2
exits 0 "$PROFICIO" recommend --help
! grep -q -e --feedback out || fail "help lists an option without use"
exits 2 "$PROFICIO" recommend m.h5 data.h5 --all --feedback f.db -o lists.csv
says 'this build has no feedback store'
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all -o lists.csv
exits 0 "$with" recommend m.h5 data.h5 --all -o same.csv
cmp lists.csv same.csv || fail "the lists differ"

# Tests that need the store are not there; the others can be built.
! ctest --test-dir build -N | grep -q -e feedback_store -e cli.feedback || fail "tests without use"
ctest --test-dir build -N | grep -q datasets.csv || fail "no tests at all"

mkdir use
cat >use/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.18)
project(use LANGUAGES C)
find_package(proficio REQUIRED)
add_executable(use use.c)
target_link_libraries(use proficio::static)
CMAKE
cat >use/use.c <<'C'
#include "datasets/feedback_store.h"
int main(void) { return pfc_store_supported(0) == PFC_EUSAGE ? 0 : 1; }
C
cmake -S use -B used -DCMAKE_PREFIX_PATH="$PWD/there" >out 2>&1 && cmake --build used >>out 2>&1 ||
  { cat out; fail "the package cannot be used"; }
used/use || fail "the package is another build"
