"""Are the figures that a page shows those that came out?

compare_page.py PAGE FIGURES: rows of the page's table "| `figure` | `of` | value | ..." against
the CSV that `evaluate -o` wrote. What comes out may differ a little with the versions of the tools
that predicted.
"""
import csv
import re
import sys

NEAR = 0.02  # a tenth of the width of the intervals that the page shows

came_out = {}
with open(sys.argv[2], newline="") as file:
    for row in csv.DictReader(file):
        came_out[row["figure"], row["model"]] = row

n_shown = 0
for line in open(sys.argv[1], encoding="utf-8"):
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if len(cells) < 6 or not re.fullmatch(r"`\w+\.\w+`", cells[0]):
        continue
    n_shown += 1
    row = came_out.get((cells[0].strip("`"), cells[1].strip("`")))
    if row is None:
        sys.exit(f"not among the figures: {line}")
    shown = [float(cells[2])] + [float(x) for x in cells[3].split(" to ")]
    difference = re.findall(r"-?\d+\.\d+", cells[4])
    shown += [float(x) for x in difference]
    names = ["value", "lo", "hi"]
    names += ["difference", "difference_lo", "difference_hi"] if difference else []
    for name, value in zip(names, shown):
        if abs(float(row[name]) - value) > NEAR:
            sys.exit(f"{name} is {row[name]}, not {value}: {line}")
if n_shown < 10:
    sys.exit(f"only {n_shown} figures are shown")
