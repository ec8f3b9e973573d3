# labels: golden nightly
# The page of a real evaluation in a browser: nothing overflows, nothing is fetched, nothing
# complains, and there is ink where there should be.
set -eu
. "$SRC/tests/support/organisation.sh"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  fail "needs chromium (sh tests/setup.sh nightly)"
python=/usr/bin/python3
[ -x "$python" ] || python=python3
fresh

exits 0 "$PROFICIO" import "$SRC/datasets/samples/organisation" -o data.h5 --scale 0,7
exits 0 "$PROFICIO" split data.h5 --at 2025-01-01
exits 0 "$PROFICIO" train data.h5 -o model.h5 --quiet
exits 0 "$PROFICIO" train data.h5 -o ease.h5 --baseline ease --quiet
exits 0 "$PROFICIO" evaluate model.h5 ease.h5 data.h5 --truth "$SRC/datasets/samples/organisation/truth.h5" \
  --resamples 200 --report page.html --plots pictures --json

# run ARGUMENTS...: a browser of its own, without a network.
run() {
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars \
    --user-data-dir="$PWD/profile" --enable-logging=stderr --v=0 \
    --host-resolver-rules='MAP * ~NOTFOUND' "$@" 2>messages
}

# What the browser made of it, by a copy of the page that measures itself.
measure='<script>addEventListener("load",function(){var e=document.documentElement,n=0,t=[];
document.querySelectorAll("svg text").forEach(function(x){var b=x.getBoundingClientRect(),
p=x.ownerSVGElement.getBoundingClientRect();n++;if(b.left<p.left-1||b.right>p.right+1||
b.top<p.top-1||b.bottom>p.bottom+1)t.push(x.textContent)});
var s=[];document.querySelectorAll("svg text").forEach(function(x){
var z=parseFloat(getComputedStyle(x).fontSize)*x.ownerSVGElement.getBoundingClientRect().width/
x.ownerSVGElement.viewBox.baseVal.width;if(z<10)s.push(x.textContent)});
document.title="MEASURED "+JSON.stringify({scroll:e.scrollWidth,client:e.clientWidth,
texts:n,beyond:t.slice(0,9),small:s.slice(0,9)})});</script>'
# 672 is A4 between its margins, by the rules for paper, where nothing can be scrolled.
for width in 1280 820 672; do
  media=print
  [ "$width" != 672 ] || media=all
  sed "s/@media print{/@media $media{/" page.html | awk -v script="$(echo "$measure" | tr '\n' ' ')" '{
      at = index($0, "</head>")
      if (at) { print substr($0, 1, at - 1) script; print substr($0, at); next }
      print
    }' >measured.html
  run --window-size=$width,1200 --virtual-time-budget=4000 --dump-dom "file://$PWD/measured.html" >dom
  "$python" - dom "$width" <<'EOF'
import html
import json
import re
import sys
dom = open(sys.argv[1], encoding="utf-8").read()
found = re.search(r"<title>MEASURED (.*?)</title>", dom, re.S)
assert found, "the page did not measure itself"
told = json.loads(html.unescape(found.group(1)))
print(sys.argv[2], told)
assert told["client"] >= int(sys.argv[2]) - 40, told
assert told["scroll"] <= told["client"], "the page is wider than the window"
assert told["texts"] > 200, told
assert not told["beyond"], "words beyond the edge of a picture"
if int(sys.argv[2]) >= 1280:
    assert not told["small"], "type too small to read"
EOF
  ! grep -q 'CONSOLE' messages || fail "the browser complains: $(grep CONSOLE messages)"
done

run --window-size=1280,6000 --screenshot=page.png "file://$PWD/page.html" >/dev/null
! grep -q 'CONSOLE' messages || fail "the browser complains: $(grep CONSOLE messages)"
for picture in pictures/*.svg; do
  run --window-size=800,700 --screenshot="$picture.png" "file://$PWD/$picture" >/dev/null
done

# Ink by tiles, and the colours of the series.
"$python" - page.png pictures/*.png <<'EOF'
import struct
import sys
import zlib

def read(path):
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert depth == 8 and colour in (2, 6), (path, depth, colour)
        if kind == b"IDAT":
            packed += body
        at += 12 + size
    n = 3 if colour == 2 else 4
    raw, rows, before = zlib.decompress(packed), [], bytearray(width * n)
    for y in range(height):
        kind = raw[y * (width * n + 1)]
        line = bytearray(raw[y * (width * n + 1) + 1:(y + 1) * (width * n + 1)])
        for i in range(width * n):
            a = line[i - n] if i >= n else 0
            b, c = before[i], before[i - n] if i >= n else 0
            if kind == 1:
                line[i] = (line[i] + a) & 255
            elif kind == 2:
                line[i] = (line[i] + b) & 255
            elif kind == 3:
                line[i] = (line[i] + (a + b) // 2) & 255
            elif kind == 4:
                p = a + b - c
                pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
                line[i] = (line[i] + (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 255
        rows.append(line)
        before = line
    return width, height, n, rows

for path in sys.argv[1:]:
    width, height, n, rows = read(path)
    colours, inked, tiles = set(), 0, 0
    for y in range(0, height - 99, 100):
        for x in range(0, width - 99, 100):
            dark = 0
            for j in range(y, y + 100, 2):
                row = rows[j]
                for i in range(x * n, (x + 100) * n, 2 * n):
                    pixel = bytes(row[i:i + 3])
                    colours.add(pixel)
                    dark += sum(pixel) < 600
            tiles += 1
            inked += dark > 10
    share = inked / tiles
    assert len(colours) > 20, (path, len(colours))
    assert share > (0.4 if path == "page.png" else 0.15), (path, share)
    print("%s: %d colours, ink in %.0f %% of tiles" % (path, len(colours), 100 * share))
    if path == "page.png":
        blue = sum(abs(c[0] - 0) + abs(c[1] - 0x72) + abs(c[2] - 0xb2) < 12 for c in colours)
        assert blue, "no line in the colour of the first model"
EOF
