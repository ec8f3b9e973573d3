# labels: property check
# Ctrl-C and its kin at any moment of every command that writes a file: a clean stop, the
# exit code of the signal, whole files, nothing left. (signals.sh: one by one.)
set -eu
. "$SRC/tests/support/organisation.sh"
. "$SRC/tests/support/kills.sh"
# A leak checker that is interrupted at exit may wait for ever; leaks are looked for elsewhere.
export ASAN_OPTIONS=detect_leaks=0
fresh && prepare_kills 300
random=${PFC_TEST_SEED:-20240501}
echo "seed $random (PFC_TEST_SEED sets it)"

# both N FILES ARGUMENT...: half of them by each signal.
both() {
  stop_often INT "$@"
  stop_often TERM "$@"
}

cp data.h5 split.h5
exits 0 "$PROFICIO" split split.h5 --at 2023-04-01 --quiet
exits 0 "$PROFICIO" train split.h5 -o past.h5 --rank 2 --quiet
sed 's/^\(P[0-9]*\),.*/\1,I1/; 1s/.*/person_id,intervention_id/' org/people.csv >pairs.csv
cp split.h5 new/split.h5
cp data.h5 old/split.h5
exits 0 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv -o new/pairs.csv --quiet
exits 0 "$PROFICIO" evaluate past.h5 split.h5 --resamples 50 -o new/figures.csv --quiet
for file in pairs.csv figures.csv; do echo before >old/$file; done

both 6 'data.h5 protected.h5' import org -o there/data.h5
both 4 split.h5 split data.h5 --at 2023-04-01 -o there/split.h5
both 6 m.h5 train data.h5 -o there/m.h5 --rank 8 --max-sweeps 4
both 4 figures.csv evaluate past.h5 split.h5 --resamples 50 -o there/figures.csv
both 6 lists.csv recommend m.h5 data.h5 --all -o there/lists.csv
both 4 pairs.csv predict m.h5 data.h5 --pairs pairs.csv -o there/pairs.csv
enough_stopped
