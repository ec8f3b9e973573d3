# labels: property check
# evaluate --plots and --report: files that stand alone, are well-formed XML, come from the
# object alone, and take nobody's place.
set -eu
. "$SRC/tests/support/organisation.sh"
python=
for python in /usr/bin/python3 python3 none; do
  "$python" -c 'import xml.etree.ElementTree' 2>/dev/null && break
done
[ "$python" != none ] || fail "needs python3 (sh tests/setup.sh test)"
fresh && organisation org 120

exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" split data.h5 --at 2023-04-01
name='a <b> & "c" ünd.h5'
exits 0 "$PROFICIO" train data.h5 -o "$name" --quiet
exits 0 "$PROFICIO" train data.h5 -o other.h5 --quiet --only affinity,success --rank 2

exits 0 "$PROFICIO" evaluate "$name" other.h5 data.h5 --resamples 20 --days 8,16 \
  --plots pictures --report page.html --json
says 'page.html written'
n=$(find pictures -name '*.svg' | wc -l)
says "$n pictures in pictures"
for file in reliability lift incidence_time exposure comparisons_affinity; do
  [ -s "pictures/$file.svg" ] || fail "no picture $file"
done
no_leftovers . && no_leftovers pictures

# An independent reader, and what the page may not do: fetch.
"$python" - page.html pictures/*.svg <<'EOF'
import re
import sys
import xml.etree.ElementTree as tree
for path in sys.argv[1:]:
    root = tree.parse(path).getroot()
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), path
    for e in root.iter():
        tag = e.tag.split("}")[-1]
        assert tag not in ("script", "link", "img", "iframe", "image", "use"), (path, tag)
        for key, value in e.items():
            assert not key.startswith("on") and "://" not in value, (path, key, value)
    text = "".join(root.itertext())
    assert not re.search(r"\b(nan|inf|null)\b", text, re.I), path
    if path == "page.html":
        assert 'a <b> & "c" ünd.h5 on data.h5' in text
EOF

# The page's numbers are those of the object.
"$python" - out page.html <<'EOF'
import json
import sys
import xml.etree.ElementTree as tree
told = json.loads(open(sys.argv[1]).read().strip().split("\n")[-1])
text = "".join(tree.parse(sys.argv[2]).getroot().itertext())
for section, figure in (("success", "auc"), ("success", "log_loss"), ("affinity", "mrr")):
    value = told[section][figure]["value"]
    assert "%.3f" % value in text, (section, figure, value)
for digest in (told["test"]["data_sha256"], told["model_version"],
               told["against"][0]["model_version"], told["provenance"]["build"]):
    assert digest in text, digest
assert told["against"][0]["provenance"]["settings"]["train"]["affinity"]["rank"] == 2
assert "train.affinity.rank = 2\n" in text and "evaluate.resamples = 20\n" in text
EOF

# Same settings, same bytes, for any number of threads; without intervals there are pictures too.
cp page.html first.html && cp -r pictures first
for threads in 1 3; do
  exits 0 "$PROFICIO" evaluate "$name" other.h5 data.h5 --resamples 20 --days 8,16 \
    --plots pictures --report page.html --threads $threads -o table.csv
  cmp -s page.html first.html || fail "another page with $threads threads"
  diff -r pictures first >/dev/null || fail "other pictures with $threads threads"
done
exits 0 "$PROFICIO" evaluate other.h5 data.h5 --resamples 0 --plots pictures --report page.html
grep -q 'There are no intervals' page.html || fail "intervals of no resamples"
# A model without time: what the earlier one left is gone.
[ ! -e pictures/incidence_time.svg ] || fail "a picture of another evaluation stayed"
[ -s pictures/lift.svg ] || fail "no lift"

# Nobody's place is taken, and what cannot be written is told.
for taken in data.h5 other.h5; do
  sha=$(sha256sum "$taken")
  exits 2 "$PROFICIO" evaluate other.h5 data.h5 --resamples 0 --report "$taken"
  says 'is what is read'
  [ "$sha" = "$(sha256sum "$taken")" ] || fail "$taken was written over"
done
exits 2 "$PROFICIO" evaluate other.h5 data.h5 --resamples 0 --report both -o both
says 'two files'
exits 4 "$PROFICIO" evaluate other.h5 data.h5 --resamples 0 --report no/page.html
says 'no/page.html'
exits 4 "$PROFICIO" evaluate other.h5 data.h5 --resamples 0 --plots page.html
says 'page.html'
