# labels: golden check
# Every command in the "sh" blocks of README.md and of pages that show a whole way works, in the
# order in which a reader meets them.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation exports 120 && rated ratings 120
cp ratings/requirements.csv ratings/sources.csv exports
sed 's/,20[0-9][0-9]-/,2022-/' ratings/assessments.csv >exports/assessments.csv # before the split
ln -s "$SRC/datasets" datasets # a reader stands in the repository

# walk PAGE LEAST: its commands, of which there are so many at least.
walk() {
  awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$SRC/$1" >commands
  [ "$(grep -c '^proficio ' commands)" -ge "$2" ] || fail "$1 shows too few commands"
  while read -r name arguments; do
    [ "$name" = proficio ] || fail "not a command of ours: $name $arguments"
    # shellcheck disable=SC2086
    exits 0 "$PROFICIO" $arguments
  done <commands
}
walk README.md 14
# Ratings made by lot know of no course that teaches anything: lists may be empty.
[ -e lists.jsonl ] || fail "README.md's commands did not make lists.jsonl"
for file in data.h5 model.h5 map.csv lists.csv figures.csv; do
  [ -s "$file" ] || fail "README.md's commands did not make $file"
done

walk docs/SIMULATOR.md 5
walk docs/SUGGEST.md 7

# Those of docs/BENCHMARKS.md on small sizes; the last may find the machine slower.
PATH=$(dirname "$PROFICIO"):$PATH
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$SRC/docs/BENCHMARKS.md" |
  sed 's/proficio bench loop/& --people 40 --interventions 20 --months 6 --resamples 9/
    s/proficio bench cold/& --people 60 --interventions 20 --months 8 --days 60 --resamples 9/
    s/--preset medium -o org/--people 200 -o org/; s/--resamples 2000/--resamples 9/
    /bench loop\|bench cold/!s/proficio bench/& --small/; s/--measure-seconds [0-9]*/--measure-seconds 0.01/' >commands
[ "$(grep -c 'proficio bench' commands)" -ge 4 ] || fail "docs/BENCHMARKS.md shows too few commands"
while read -r command; do
  code=0
  sh -c "$command" >out 2>err </dev/null || code=$?
  case "$code,$command" in
    0,* | 3,*--against*) ;;
    *) cat out err >&2; fail "exit $code: $command" ;;
  esac
done <commands
