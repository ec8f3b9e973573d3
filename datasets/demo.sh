#!/bin/sh
# The main job on real data, from raw files to ranked recommendations: installs what is
# missing, builds the release, and runs each command after printing it. What it makes lies
# in demo-out/.
set -eu
cd "$(dirname "$0")/.."

sh tests/setup.sh build
echo "Building (log: build/log/build-release.txt) ..."
mkdir -p build/log demo-out
if ! { cmake --preset release && cmake --build --preset release --target proficio; } \
  </dev/null >build/log/build-release.txt 2>&1; then
  tail -n 40 build/log/build-release.txt >&2
  exit 1
fi

say() { printf '\n%s\n' "$*"; }
run() {
  printf '\n$ proficio %s\n' "$*"
  build/release/proficio "$@"
}

say "1. Raw files in: 32,593 registrations of the Open University (OULAD) become one dataset."
run import datasets/samples/oulad --preset oulad -o demo-out/oulad.h5 --format table

say "2. What began on or after 1 October 2014 is set aside for testing."
run split demo-out/oulad.h5 --at 2014-10-01 --format table

say "3. Three models are fitted on the world as it was known that day: who takes what up,
   who passes, and how long it takes."
run train demo-out/oulad.h5 -o demo-out/model.h5 --only affinity,success,time --format table

say "4. How good are they? Each figure with a 95 % interval, beside simple baselines."
run evaluate demo-out/model.h5 demo-out/oulad.h5 --k 1,2 --days 120,150,180 --format table

say "5. What should student 11391 take next, and what will come of it?"
run recommend demo-out/model.h5 demo-out/oulad.h5 --person 11391 --top 3 --format table

say "6. The same for everybody, as a nightly job would write it."
run recommend demo-out/model.h5 demo-out/oulad.h5 --all --top 3 -o demo-out/lists.csv
head -n 4 demo-out/lists.csv

say "7. Chances and times of given pairs."
printf 'person_id,intervention_id\n11391,EEE/2014J\n11391,GGG/2014J\n' >demo-out/pairs.csv
run predict demo-out/model.h5 demo-out/oulad.h5 --pairs demo-out/pairs.csv --format table

say "8. A competency framework: O*NET 29.0 occupations with required levels of skills,
   knowledge and work styles become roles and requirements."
run import datasets/samples/onet29 --preset onet -o demo-out/onet.h5 --format table

say "9. An organisation on that framework: 500 made-up people, their roles, what they were rated
   and what they took in two years (docs/SIMULATOR.md tells how it was drawn)."
run import datasets/samples/organisation --scale 0,7 -o demo-out/organisation.h5 --format table

say "10. Models of it. How far each source of ratings can be trusted is learned, so everybody has
    a level with an interval in all that the role asks for. What does P000007 miss?"
run train demo-out/organisation.h5 -o demo-out/organisation-model.h5 --quiet --format table
run gaps demo-out/organisation-model.h5 demo-out/organisation.h5 --person P000007 --top 5 \
  --format table

say "11. Where is most at risk, and what does nothing in the catalogue address?"
run gaps demo-out/organisation-model.h5 demo-out/organisation.h5 --by competency --top 5 \
  --format table
run gaps demo-out/organisation-model.h5 demo-out/organisation.h5 --uncovered --top 3 --format table

say "12. What should P000007 take next?"
run recommend demo-out/organisation-model.h5 demo-out/organisation.h5 --person P000007 --top 3 \
  --format table

say "13. Why the first of these? (What moves the chances, what all rests on and what is not used
    follows in what explain prints.)"
first=$(build/release/proficio recommend demo-out/organisation-model.h5 demo-out/organisation.h5 \
  --person P000007 --top 1 --format csv --quiet | awk -F, 'NR == 2 { print $3 }')
run explain demo-out/organisation-model.h5 demo-out/organisation.h5 --person P000007 \
  --intervention "$first" --format table | sed '/^What moves the numbers/,$d'

say "14. Would following such lists be worth it? Where people are made up, the truth is known. By
    what was known on 1 January 2025 our models (value) and simpler rankings each lead everybody
    to one intervention; the laws that drew the organisation tell how much of the gaps that would
    close in a year. Compared with EASE on what people did take up, too: demo-out/report.html."
cp demo-out/organisation.h5 demo-out/judged.h5
run split demo-out/judged.h5 --at 2025-01-01 --quiet --format table
run train demo-out/judged.h5 -o demo-out/judged-model.h5 --quiet --format table
run train demo-out/judged.h5 -o demo-out/ease.h5 --baseline ease --quiet --format table
run evaluate demo-out/judged-model.h5 demo-out/ease.h5 demo-out/judged.h5 \
  --truth datasets/samples/organisation/truth.h5 --report demo-out/report.html --quiet \
  -o demo-out/figures.csv
awk -F, '/^policy.policies[^,]*gap_closed,/ {
  split($1, name, "."); printf "%-10s  %.3f levels a person, 95 %% interval %.3f to %.3f\n",
    name[3], $2, $3, $4 }' demo-out/figures.csv

say "Done. Everything lies in demo-out/; \`build/release/proficio help\` tells what else there is."
