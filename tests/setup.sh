#!/bin/sh
# Installs what is missing of the Debian packages this project needs, and says nothing
# when nothing is.
#
#   sh tests/setup.sh build    what compiles and runs the program
#   sh tests/setup.sh test     that, and what the tests and checks need
#   sh tests/setup.sh nightly  that, and what the nightly tests need
set -eu

build="gcc libc6-dev cmake ninja-build pkgconf libopenblas-pthread-dev liblapacke-dev
  libhdf5-dev libcjson-dev libcsv-dev libssl-dev libsqlite3-dev zlib1g-dev uthash-dev"
test="libcmocka-dev python3 python3-h5py python3-numpy python3-sklearn r-cran-survival valgrind
  clang-format-14 clang-tidy-14 libomp-14-dev"
nightly="clang libclang-rt-14-dev chromium"

case "${1:-build}" in
  build) packages="$build" ;;
  test) packages="$build $test" ;;
  nightly) packages="$build $test $nightly" ;;
  *)
    echo "usage: $0 [build|test|nightly]" >&2
    exit 2
    ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "This is not Debian. Please see to it that these are installed (Debian's names):" >&2
  echo $packages >&2
  exit 2
fi

missing=
for package in $packages; do
  case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)" in
    *" ok installed") ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

root=
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Missing, and neither root nor sudo to install them:$missing" >&2
    exit 2
  fi
  root=sudo
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "installing:$missing" >&2
if ! { $root apt-get -q update &&
  $root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
    $missing; } </dev/null >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "could not install:$missing" >&2
  exit 2
fi
