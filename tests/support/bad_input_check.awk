# Compares what each case told with what it should; exits 1 when one deviates.

function complain(what) {
  if (title) print title
  title = ""
  print "    " what
  failed = 1
}
function read_all(file, text, line) {
  text = ""
  while ((getline line <file) > 0) text = text line "\n"
  close(file)
  return text
}
# The rejects of a case into got_*[1..n_got]; cells may hold line ends.
function read_rejects(file, text, line, cells, n, more) {
  n_got = 0
  getline line <file # column names
  while ((getline line <file) > 0) {
    text = line
    while (gsub(/"/, "\"", text) % 2 == 1 && (getline more <file) > 0) text = text "\n" more
    n = split_csv(text, cells)
    n_got++
    sub(/.*\//, "", cells[1])
    got_place[n_got] = cells[1] ":" cells[2] ": " cells[3]
    got_value[n_got] = cells[4]
    got_reason[n_got] = cells[5]
    got_used[n_got] = 0
  }
  close(file)
}
function split_csv(text, cells, n, i, c, quoted) {
  n = 1
  cells[1] = ""
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (c == "\"" && quoted && substr(text, i + 1, 1) == "\"") {
      cells[n] = cells[n] c
      i++
    } else if (c == "\"") quoted = !quoted
    else if (c == "," && !quoted) cells[++n] = ""
    else cells[n] = cells[n] c
  }
  return n
}
function is_value(got, wanted) {
  if (wanted ~ /\.\.\.$/)
    return substr(got, 1, length(wanted) - 3) == substr(wanted, 1, length(wanted) - 3)
  return got == wanted
}
function has_phrases(text, phrases, parts, n, i) {
  n = split(phrases, parts, / \| /)
  for (i = 1; i <= n; i++) if (!index(text, parts[i])) return 0
  return 1
}
# "FILE:LINE: COLUMN: 'VALUE': PHRASES" among the rejects.
function check_reject(line, at, place, rest, value, i, j) {
  at = index(line, ": '")
  place = substr(line, 1, at - 1)
  rest = substr(line, at + 3)
  j = index(rest, "': ")
  value = substr(rest, 1, j - 1)
  gsub(/\\n/, "\n", value)
  gsub(/\\t/, "\t", value)
  for (i = 1; i <= n_got; i++)
    if (!got_used[i] && got_place[i] == place && is_value(got_value[i], value) &&
        has_phrases(got_reason[i], substr(rest, j + 3))) {
      got_used[i] = 1
      return
    }
  complain("not told: " line)
}
function end_case(i) {
  if (!dir) return
  for (i = 1; i <= n_got; i++)
    if (!got_used[i])
      complain("told: " got_place[i] ": '" got_value[i] "': " got_reason[i])
  if (is_import && wanted_code == 0 && !has_data) complain("no dataset")
  if (is_import && wanted_code != 0 && has_data) complain("a dataset all the same")
  if (failed && !title && !shown[dir]++) printf "%s", err
}

FNR == 1 {
  end_case()
  dir = FILENAME
  sub(/\/want$/, "", dir)
  title = $0
  sub(/^case /, "", title)
  sub(base, "", title)
  command = read_all(dir "/command")
  is_import = command ~ /^import.* -o d\.h5/
  has_data = (getline line <(dir "/d.h5")) >= 0
  close(dir "/d.h5")
  out = read_all(dir "/out")
  err = read_all(dir "/err")
  code = read_all(dir "/code") + 0
  read_rejects(dir "/d.h5.rejects.csv")
  next
}
/^exit / {
  wanted_code = $2
  if (code != wanted_code) complain("exit " code ", not " wanted_code)
  next
}
/^! / {
  if (!index(err, substr($0, 3))) complain("not on standard error: " substr($0, 3))
  next
}
/^- / {
  if (index(err, substr($0, 3))) complain("on standard error: " substr($0, 3))
  next
}
/^= / {
  if (!index(out, substr($0, 3))) complain("not on standard output: " substr($0, 3))
  next
}
{ check_reject($0) }
END {
  end_case()
  exit failed
}
