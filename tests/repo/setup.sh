# labels: unit check
# The set-up installs just what is missing, says what it cannot do, and is quiet when
# there is nothing to do. Stand-ins for Debian's tools answer as the test wants.
set -eu
setup="$SRC/tests/setup.sh"
real=$PATH

# tool NAME LINE...: a stand-in in bin/.
tool() {
  name=$1
  shift
  { echo '#!/bin/sh'; printf '%s\n' "$@"; } >"bin/$name"
  chmod +x "bin/$name"
}

fail() {
  echo "$1"
  cat out
  exit 1
}

# set_up WANTED-STATUS ARGUMENT
set_up() {
  status=0
  rm -f calls
  PATH="$PWD/bin" "$shell" "$setup" "$2" >out 2>&1 || status=$?
  [ "$status" -eq "$1" ] || fail "exit status $status instead of $1"
}

rm -rf bin
mkdir bin
shell=$(command -v sh)
for name in env tail mktemp rm cat grep; do ln -s "$(PATH=$real command -v $name)" "bin/$name"; done
tool id 'echo 0'
# Everything is installed but what stands in the file "missing".
tool dpkg-query 'for package; do :; done' \
  'if grep -qx "$package" missing; then echo "unknown ok not-installed"; exit 1; fi' \
  'printf "install ok installed"'
tool apt-get 'echo "$*" >>calls' '! grep -q broken missing'

: >missing
set_up 0 test
[ ! -s out ] || fail "not quiet when nothing is missing"
[ ! -e calls ] || fail "called apt-get for nothing"

printf '%s\n' libcsv-dev libcmocka-dev >missing
set_up 0 build
grep -q 'install -y --no-install-recommends libcsv-dev$' calls || fail "libcsv-dev not installed"
grep -q 'update' calls || fail "no update"
set_up 0 test
grep -q 'libcsv-dev libcmocka-dev$' calls || fail "libcmocka-dev not installed for the tests"
echo libclang-rt-14-dev >>missing
set_up 0 test
! grep -q libclang-rt calls || fail "what only nightly tests need was installed for the others"
set_up 0 nightly
grep -q 'libcmocka-dev libclang-rt-14-dev$' calls || fail "libclang-rt not installed for the night"

printf '%s\n' libcsv-dev broken >missing
set_up 2 build
grep -q 'could not install: libcsv-dev' out || fail "a failure was not named"

printf '%s\n' libcsv-dev >missing
tool id 'echo 1000'
set_up 2 build
grep -q 'neither root nor sudo.*libcsv-dev' out || fail "no word of sudo"
tool sudo 'echo sudo >>calls' '"$@"'
set_up 0 build
grep -q sudo calls || fail "sudo not used"

rm bin/apt-get
set_up 2 build
grep -q 'libcsv-dev' out || fail "what is needed was not named"
set_up 2 nonsense
