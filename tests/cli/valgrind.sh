# labels: property check
# Memcheck over the usual way from CSV to recommendations, and over refusals: nothing is read
# before it is written or after it is freed, and nothing of ours is lost. The sanitizer build
# looks for the same by other means, and both cannot run at once; here the release build's
# own code and the libraries, which are built without sanitizers, are looked at.
set -eu
. "$SRC/tests/support/organisation.sh"
if [ "${BUILD_TYPE:-Release}" != Release ]; then
  echo "skipped: for release builds"
  exit 0
fi
command -v valgrind >/dev/null || fail "needs valgrind (sh tests/setup.sh test)"
fresh && organisation org 40

# clean CODE ARGUMENT...: the program exits with CODE, and memcheck has nothing to say.
clean() {
  expected=$1
  shift
  exits "$expected" valgrind --quiet --log-file=memcheck --error-exitcode=100 --leak-check=full \
    --show-leak-kinds=definite,indirect,possible \
    --errors-for-leak-kinds=definite,indirect,possible \
    --suppressions="$SRC/tests/support/valgrind.supp" "$PROFICIO" "$@" --threads 2
  [ ! -s memcheck ] || { cat memcheck >&2; fail "memcheck: $*"; }
}

clean 0 import org -o data.h5
clean 0 split data.h5 --at 2023-04-01
clean 0 train data.h5 -o m.h5 --rank 4 --max-sweeps 3
clean 0 evaluate m.h5 data.h5 --resamples 2
clean 0 recommend m.h5 data.h5 --all --top 2 -o lists.csv
clean 0 predict m.h5 data.h5 --person P001 --intervention I1 --curves

exits 0 "$PROFICIO" simulate -o drawn --people 20 --framework "$SRC/datasets/samples/onet29"
exits 0 "$PROFICIO" import drawn --scale 0,7 -o drawn.h5
clean 0 train drawn.h5 -o drawn.m.h5 --only profile --set train.profile.rank=1 --set train.profile.max_sweeps=9
clean 0 predict drawn.m.h5 drawn.h5 --level --person P000001 --on 2024-01-01,2026-01-01
clean 0 gaps drawn.m.h5 drawn.h5 --all --top 3 -o gaps.csv
clean 0 explain drawn.m.h5 drawn.h5 --person P000001 --intervention I0001 --format json
clean 0 gaps drawn.m.h5 drawn.h5 --by unit,competency --affected 2 -o map.csv

echo 'P000,I0,2023-02-30,2023-02-30,,passed' >>org/enrolments.csv
clean 0 import org -o data.h5 --max-bad 1
echo 'P000,"I0' >>org/enrolments.csv
clean 3 import org -o data.h5
head -c 3000 m.h5 >cut.h5
clean 3 recommend cut.h5 data.h5 --all
clean 2 train data.h5 -o m.h5 --rank 0
