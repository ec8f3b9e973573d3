# Every operation of the program that writes something, walked through every call that can
# fail (tests/faults/faults.h tells how). Sourced by tests/cli/faults*.sh, which say how many
# N a walk takes: FIRST, SAMPLE, and for allocations FIRST_ALLOC, SAMPLE_ALLOC; and which
# operations, by their outputs, are SKIPPED; of `changes` by their words, as registry-add, and
# whether they are walked in EVERY_WAY.

# One line an operation: outputs separated by colons, what else a message may name, and the
# arguments.
operations() {
  operation data2.h5:protected.h5 'org/|folder' import org -o data2.h5
  operation data2.h5:why.csv 'packed/' import packed -o data2.h5 --rejects why.csv --max-bad 5
  operation data2.h5 'data.h5' split data.h5 --at 2023-04-01 -o data2.h5
  operation test_starts.csv:train_matrix.h5:test_candidates.csv 'data.h5|./|folder' \
    split data.h5 --export .
  operation m2.h5 'data.h5' train data.h5 -o m2.h5 --rank 2 --max-sweeps 2 --quiet
  operation levels.h5 'drawn.h5' \
    train drawn.h5 -o levels.h5 --only profile --profile-rank 1 --min-ratings 2 --quiet
  operation ease2.h5 'data.h5' train data.h5 -o ease2.h5 --baseline ease --quiet
  operation figures.csv 'm.h5|data.h5' evaluate m.h5 data.h5 --resamples 2 -o figures.csv
  operation truths.csv 'drawn.m.h5|drawn.h5|truth.h5' \
    evaluate drawn.m.h5 drawn.h5 --truth drawn/truth.h5 --resamples 2 -o truths.csv
  operation judged.csv 'data.h5|predicted.csv' \
    evaluate data.h5 --predictions predicted.csv --resamples 2 -o judged.csv
  operation page.html:lift.svg:exposure.svg 'm.h5|data.h5|./' \
    evaluate m.h5 data.h5 --resamples 2 --report page.html --plots . --quiet
  operation lists.csv 'm.h5|data.h5' recommend m.h5 data.h5 --all -o lists.csv
  operation lists.jsonl 'm.h5|data.h5' recommend m.h5 data.h5 --all -o lists.jsonl
  operation lists.h5 'm.h5|data.h5' recommend m.h5 data.h5 --all -o lists.h5
  operation lists.txt 'm.h5|data.h5' recommend m.h5 data.h5 --all -o lists.txt
  # What --prom and the manifest tell holds seconds, so that no two runs write the same.
  operation lists3.csv:log.jsonl:changes.csv 'm.h5|data.h5|yesterday.csv|text.prom' \
    recommend m.h5 data.h5 --all -o lists3.csv --log log.jsonl --previous yesterday.csv \
    --changes changes.csv --prom text.prom
  operation lists2.csv 'ease.h5|data.h5' recommend ease.h5 data.h5 --all -o lists2.csv
  operation missing.csv 'drawn.m.h5|drawn.h5' gaps drawn.m.h5 drawn.h5 --all -o missing.csv
  operation groups.csv 'drawn.m.h5|drawn.h5' gaps drawn.m.h5 drawn.h5 --by unit -o groups.csv
  operation why.txt 'drawn.m.h5|drawn.h5|own.json' \
    explain drawn.m.h5 drawn.h5 --person P000001 --intervention I0001 --templates own.json -o why.txt
  operation why.json 'm.h5|data.h5|decisions.jsonl' \
    explain m.h5 data.h5 --decision $decision --log decisions.jsonl --format json -o why.json
  operation pairs2.csv 'm.h5|data.h5|pairs.csv' \
    predict m.h5 data.h5 --pairs pairs.csv --curves -o pairs2.csv
  operation levels.csv 'drawn.m.h5|drawn.h5' \
    predict drawn.m.h5 drawn.h5 --level --person P000001 --on 2026-01-01 -o levels.csv
  operation proposed.csv 'org/|onet/' suggest targets org --framework onet -o proposed.csv
  operation occupations.csv '.|onet/' suggest roles roles.csv --framework onet -o occupations.csv
  operation bare.h5 'people.csv|roles.csv|onet/' \
    import people.csv roles.csv --framework onet -o bare.h5
  operation told.csv 'm.h5' inspect m.h5 -o told.csv
  operation settings.csv 'proficio.json' config -o settings.csv
  operation truth.h5:people.csv:enrolments.csv 'onet/|./|folder' \
    simulate -o . --completions-only $little
  operation fed.csv 'm.h5|data.h5|fed/f.db' \
    recommend m.h5 data.h5 --all --feedback fed/f.db -o fed.csv
  operation asked.csv:sheet.csv 'm.h5|data.h5' \
    recommend m.h5 data.h5 --all -o asked.csv --answer-sheet sheet.csv
  operation fed.h5 'data.h5|fed/f.db' \
    train data.h5 --feedback fed/f.db --only affinity --rank 2 --max-sweeps 2 -o fed.h5
  operation events.csv 'f.db' feedback export --store fed/f.db -o events.csv
  look 'f.db' feedback verify --store fed/f.db
  look 'reg' registry verify reg.before
}

# What adds to a store or changes a registry (tests/faults/state.c).
changes() {
  changes_of store 'feedback export --store store/f.db --format csv' \
    'feedback verify --store store/f.db'
  change 'f.db' 'fsync write' feedback add --store store/f.db $accepted
  change 'f.db|new.csv' 'fsync write' feedback import new.csv --store store/f.db
  change 'f.db|new.jsonl' 'fsync write' feedback import new.jsonl --store store/f.db
  changes_of reg 'registry list reg --format csv' 'registry verify reg|inspect reg/@champion'
  change 'reg' 'fsync write rename close' registry promote reg 1
  change 'reg' 'rename' registry gc reg --keep 1
  export FAULTS_ONCE=yes
  change 'reg|m.h5' 'fsync write rename close' registry add reg m.h5
  change 'reg' 'fsync write rename close' registry rollback reg
  unset FAULTS_ONCE FAULTS_STATE
}

accepted='event_id=n1 person_id=P001 intervention_id=I1 kind=accepted at=2025-04-03 corrects=e1'

# Data, a model, and another one.
prepare_models() {
  organisation org 40
  printf 'person_id,gender\nP000,f\nP001,m\n' >org/protected.csv
  exits 0 "$PROFICIO" import org -o data.h5
  exits 0 "$PROFICIO" split data.h5 --at 2023-04-01
  exits 0 "$PROFICIO" train data.h5 -o m.h5 --rank 2 --max-sweeps 2
  exits 0 "$PROFICIO" train data.h5 -o ease.h5 --baseline ease
}

# What there is to be changed: a store with a few events, and new ones; a registry with a
# champion, a previous one, and one that can go.
prepare_changes() {
  mkdir fed store.before
  for at in e1 e2 e3; do
    echo "{\"event_id\":\"$at\",\"person_id\":\"P001\",\"intervention_id\":\"I2\",\"at\":\"2025-01-02\",\"kind\":\"completed\",\"value\":1}"
  done >old.jsonl
  sed 's/:"e/:"n/; s/completed","value":1/declined","reason":"too long","corrects":"e1"/' old.jsonl >new.jsonl
  cat >new.csv <<'CSV'
event_id,person_id,intervention_id,at,kind,value,competency_id,reason
n1,P001,I1,2025-01-02,declined,,,"too long, later"
n2,P002,I1,2025-01-02,assessed,2.5,C1,
CSV
  exits 0 "$PROFICIO" feedback import old.jsonl --store fed/f.db
  exits 0 "$PROFICIO" feedback import old.jsonl --store store.before/f.db
  for model in m.h5 ease.h5 m.h5; do exits 0 "$PROFICIO" registry add reg.before $model; done
  for version in 2 3; do exits 0 "$PROFICIO" registry promote reg.before $version; done
}

little='--framework onet --people 20 --interventions 20 --months 3 --roles 2'

# A few occupations of O*NET.
little_onet() {
  mkdir onet
  for file in "$SRC"/datasets/samples/onet29/*.txt.gz; do
    name=${file##*/}
    gzip -dc "$file" | awk -F '\t' 'NR == 1 || !/^[0-9][0-9]-/ || /^15-12/' >"onet/${name%.gz}"
  done
}

# In an empty folder: inputs, and outputs that stand there already.
prepare_operations() {
  little_onet
  exits 0 "$PROFICIO" simulate -o . --completions-only --seed 2 $little
  exits 0 "$PROFICIO" simulate -o drawn $little
  exits 0 "$PROFICIO" import drawn --scale 0,7 -o drawn.h5
  exits 0 "$PROFICIO" split drawn.h5 --at 2025-12-01
  exits 0 "$PROFICIO" train drawn.h5 -o drawn.m.h5 --rank 2 --max-sweeps 2 --min-ratings 2
  prepare_models
  organisation packed 40
  echo 'P001,I1,2023-02-30,2023-02-30,,passed' >>packed/enrolments.csv
  gzip packed/*.csv
  exits 0 "$PROFICIO" split data.h5 --export .
  awk -F, -v OFS=, '{ print $1, $2, $3, (NR > 1 ? 0.5 : "p_success") }' test_starts.csv >predicted.csv
  printf 'person_id,intervention_id\nP001,I1\nP002,I3\n' >pairs.csv
  echo '{"line.rank": "{rank} of {n}"}' >own.json
  exits 0 "$PROFICIO" recommend m.h5 data.h5 --all --top 2 -o yesterday.csv --log all.jsonl
  head -n 1 all.jsonl >decisions.jsonl
  decision=$(sed 's/.*"decision_id":"\([0-9a-f]*\)".*/\1/' decisions.jsonl)
  echo '{"train": {"seed": 1}}' >proficio.json
  for file in data2.h5 m2.h5 levels.h5 ease2.h5 figures.csv truths.csv judged.csv lists.csv lists.jsonl \
    lists.h5 lists.txt lists2.csv lists3.csv log.jsonl changes.csv missing.csv groups.csv why.txt why.json pairs2.csv levels.csv told.csv settings.csv test_starts.csv \
    proposed.csv occupations.csv bare.h5 fed.csv events.csv \
    train_matrix.h5 test_candidates.csv; do
    echo "what stood here before" >$file
  done
  prepare_changes
  # An import knows its own rejects again, and nothing else.
  echo file,line,column,value,reason >why.csv
}

# walk KIND SETTING... : the operation at hand, each of those calls failing in turn.
walk() {
  kind=$1
  shift
  if ! env FAULTS="$kind" FAULTS_FILES="$files" FAULTS_SAYS="$says" "$@" \
    OPENBLAS_NUM_THREADS=1 ASAN_OPTIONS=verify_asan_link_order=0:handle_segv=0:handle_sigbus=0 \
    LD_PRELOAD="$FAULTS_LIBRARY" "$PROFICIO" $arguments --threads 1 >walked 2>&1 ||
    ! grep -q ' calls, .* 0 defects$' walked; then
    cat walked
    fail "$kind $* of: $arguments"
  fi
  echo "$kind $*: $(cat walked): $arguments"
}

# A disk that is full stays full, and takes half of the write at which it became so.
FULL=28

operation() {
  files=$1
  case " ${SKIPPED:-} " in *" $files "*) return ;; esac
  says="memory|standard output|proficio.json|$2|$(echo "$1" | tr : '|')"
  shift 2
  arguments=$*
  few="FAULTS_FIRST=$FIRST FAULTS_SAMPLE=$SAMPLE"
  walk open
  walk fsync
  walk rename
  walk close
  walk write $few FAULTS_KILL=yes
  walk fsync FAULTS_KILL=yes
  walk rename FAULTS_KILL=yes
  walk read $few
  walk read $few FAULTS_CUT=yes
  walk write $few
  walk write $few FAULTS_ERRNO=$FULL FAULTS_STAYS=yes
  walk write $few FAULTS_ERRNO=$FULL FAULTS_CUT=yes
  walk alloc FAULTS_FIRST=$FIRST_ALLOC FAULTS_SAMPLE=$SAMPLE_ALLOC
  walk alloc $few FAULTS_STAYS=yes
}

# look SAYS ARGUMENT...: an operation that writes nothing.
look() {
  files=
  says="memory|standard output|proficio.json|$1"
  shift
  arguments=$*
  few="FAULTS_FIRST=$FIRST FAULTS_SAMPLE=$SAMPLE"
  walk open $few
  walk read $few
  walk read $few FAULTS_CUT=yes
  walk alloc FAULTS_FIRST=$FIRST_ALLOC FAULTS_SAMPLE=$SAMPLE_ALLOC FAULTS_PAST=/libhdf5
  walk alloc $few FAULTS_PAST=/libhdf5 FAULTS_STAYS=yes
}

# changes_of FOLDER VIEW SOUND: what the changes below change, and how it is looked at.
changes_of() {
  export FAULTS_STATE="$1" FAULTS_VIEW="$2" FAULTS_SOUND="$3"
}

# change SAYS KINDS ARGUMENT...: of the KINDS there is a call in it.
change() {
  files=
  says="memory|standard output|proficio.json|$1"
  kinds=$2
  shift 2
  case " ${SKIPPED:-} " in *" $1-$2 "*) return ;; esac
  arguments=$*
  few="FAULTS_FIRST=$FIRST FAULTS_SAMPLE=$SAMPLE"
  for kind in $kinds; do walk $kind $few; done
  walk alloc $few FAULTS_PAST=/libhdf5 # which starts in every command: walked above
  [ "$EVERY_WAY" = yes ] || return 0
  for kind in $kinds; do [ $kind = close ] || walk $kind $few FAULTS_KILL=yes; done
  case $kinds in *write*)
    walk write $few FAULTS_ERRNO=$FULL FAULTS_STAYS=yes
    walk write $few FAULTS_ERRNO=$FULL FAULTS_CUT=yes ;;
  esac
  walk open $few
  walk read $few
  walk alloc $few FAULTS_PAST=/libhdf5 FAULTS_STAYS=yes
}
