// labels: unit check
/* Files in other encodings, packed files, and files that are damaged: what is read, and what
 * is said of them. */
#include "tests/support/test.h"

#include <zlib.h>

#include "base/mem.h"
#include "datasets/csv_internal.h"
#include "datasets/import.h"
#include "datasets/text_source.h"

/* --- reading --------------------------------------------------------------- */

enum { ROOM = 1 << 20 };
static char got[ROOM];
static size_t n_got;

static pfc_status keep_cells(const pfc_csv_row *row, void *user, pfc_error *err) {
  (void)user, (void)err;
  for (int c = 0; c < row->n_cells && n_got + row->size[c] + 2 < ROOM; c++)
    n_got += (size_t)sprintf(got + n_got, "%s|", row->cell[c]);
  return PFC_OK;
}

/* Cells, a bar behind each, into got[]. */
static pfc_status read_cells(const char *path, const char *encoding, pfc_error *err) {
  pfc_csv_settings s;
  pfc_csv_defaults(&s);
  s.encoding = encoding;
  n_got = 0;
  got[0] = '\0';
  return pfc_csv_read(path, &s, keep_cells, NULL, err);
}

static pfc_status read_bytes(const void *bytes, size_t size, const char *encoding,
                             pfc_error *err) {
  test_write_file("t.csv", bytes, size);
  return read_cells("t.csv", encoding, err);
}

/* A literal without its NUL. */
#define READ(literal, encoding) read_bytes(literal, sizeof(literal) - 1, encoding, &err)

/* --- encodings ------------------------------------------------------------- */

#define UTF16LE      \
  "i\0d\0,\0n\0\n\0" \
  "1\0,\0\xe9\0\n\0" \
  "2\0,\0\xac\x20\n\0"
#define UTF16BE        \
  "\0i\0d\0,\0n\0\n"   \
  "\0001\0,\0\xe9\0\n" \
  "\0002\0,\x20\xac\0\n"
#define CELLS "id|n|1|\xc3\xa9|2|\xe2\x82\xac|"

static void marks_and_patterns_name_the_encoding(void **state) {
  (void)state;
  assert_fails(READ("\xff\xfe" UTF16LE, NULL), PFC_EDATA,
               "t.csv: the text looks like UTF-16LE; use --encoding UTF-16LE, or save");
  assert_fails(READ(UTF16LE, ""), PFC_EDATA, "looks like UTF-16LE");
  assert_fails(READ("\xfe\xff" UTF16BE, "utf-8"), PFC_EDATA, "looks like UTF-16BE");
  assert_fails(READ(UTF16BE, NULL), PFC_EDATA, "looks like UTF-16BE");
  assert_fails(READ("\xff\xfe\0\0i\0\0\0", NULL), PFC_EDATA, "looks like UTF-32LE");
  assert_fails(READ("\0\0\xfe\xff\0\0\0i", NULL), PFC_EDATA, "looks like UTF-32BE");
  /* One NUL is a fault of a cell, not an encoding. */
  assert_fails(READ("id,n\n1,\0\n2,3\n", NULL), PFC_EDATA, "t.csv:2: column 2: NUL byte");
}

static void encodings_are_converted(void **state) {
  (void)state;
  static const char *const LITTLE[] = {"UTF-16LE", "utf-16le", "UTF-16"};
  for (size_t i = 0; i < 3; i++) {
    assert_ok(READ("\xff\xfe" UTF16LE, LITTLE[i]));
    assert_string_equal(got, CELLS);
  }
  assert_ok(READ(UTF16LE, "UTF-16LE"));
  assert_string_equal(got, CELLS);
  assert_ok(READ(UTF16BE, "UTF-16BE"));
  assert_string_equal(got, CELLS);
  assert_ok(READ("id,n\n1,\xe9\n2,\x80\n", "windows-1252"));
  assert_string_equal(got, CELLS);
  assert_ok(READ("id,n\n1,\xe9\n2,\xa4\n", "ISO-8859-15"));
  assert_string_equal(got, CELLS);
  /* A mark says more than the setting: a run may mix files. */
  assert_ok(READ("\xef\xbb\xbfid,n\n1,\xc3\xa9\n2,\xe2\x82\xac\n", "windows-1252"));
  assert_string_equal(got, CELLS);
  assert_ok(READ("\xff\xfe" UTF16LE, "windows-1252"));
  assert_string_equal(got, CELLS);
}

static void latin_text_is_recognized(void **state) {
  (void)state;
  assert_fails(READ("id,n\n1,M\xfcller\n", NULL), PFC_EDATA,
               "t.csv:2: column 2: the cell is not valid UTF-8; as windows-1252 it would read "
               "'M\xc3\xbcller': if that is right, use --encoding windows-1252");
  /* Where UTF-8 stands before it, it is no Latin text, but a damaged one. */
  assert_fails(READ("id,n\n1,\xc3\xa9\xfc\n", NULL), PFC_EDATA,
               "not valid UTF-8: byte 0xfc at position 3");
}

static void what_cannot_be_converted_is_told_with_its_line(void **state) {
  (void)state;
  assert_fails(READ("id\n1\n\x81\n", "windows-1252"), PFC_EDATA,
               "t.csv:3: byte 0x81 here begins no character of windows-1252");
  assert_string_equal(got, "id|1|");
  assert_fails(READ("i\0d\0\n\0"
                    "1\0\n\0"
                    "2",
                    "UTF-16LE"),
               PFC_EDATA, "t.csv:3: the file ends inside a character of UTF-16LE");
}

static void unknown_encodings_are_refused(void **state) {
  (void)state;
  static const char *const SOURCE[] = {"none"};
  pfc_import_settings s;
  pfc_dataset *ds = NULL;
  assert_fails(READ("a\n", "latin-9x"), PFC_EUSAGE, "common ones are UTF-8, windows-1252");
  /* iconv would drop what it cannot convert. */
  assert_fails(READ("a\n", "ASCII//IGNORE"), PFC_EUSAGE, "'ASCII//IGNORE' is not known");
  pfc_import_defaults(&s);
  s.encoding = "latin-9x";
  assert_fails(pfc_import(SOURCE, 1, &s, &ds, &err), PFC_EUSAGE, "'latin-9x' is not known");
}

/* Characters of two bytes, three in UTF-8, over the border of every buffer. */
static void characters_cross_buffers(void **state) {
  (void)state;
  enum { CHARACTERS = 150000 };
  char *wide = pfc_alloc_array(CHARACTERS * 2 + 1, 1);
  assert_non_null(wide);
  for (int odd = 0; odd < 2; odd++) {
    size_t n = 0;
    if (odd) wide[n++] = 'x'; /* one byte in EUC-JP, so that the others stand askew */
    for (int i = 0; i < CHARACTERS; i++) {
      const int is_end = i % 1000 == 999;
      wide[n++] = (char)(is_end ? '\r' : 0xa4);
      wide[n++] = (char)(is_end ? '\n' : 0xa2); /* hiragana A: U+3042 */
    }
    assert_ok(read_bytes(wide, n, "EUC-JP", &err));
    assert_int_equal(n_got, (size_t)odd + 150u * (999u * 3 + 1));
    assert_memory_equal(got + odd, "\xe3\x81\x82\xe3\x81\x82", 6);
    assert_ok(pfc_csv_read(
        "t.csv",
        &(pfc_csv_settings){
            .delimiter = ',', .max_cell = 1 << 20, .encoding = "EUC-JP", .max_rows = 3},
        keep_cells, NULL, &err));
  }
  pfc_free(wide);
}

/* --- gzip ------------------------------------------------------------------ */

static size_t pack(const char *text, size_t size, char *packed, size_t room) {
  char copy[64]; /* zlib takes no const */
  z_stream z = {0};
  assert_true(size <= sizeof copy);
  memcpy(copy, text, size);
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                   Z_OK);
  z.next_in = (Bytef *)copy;
  z.avail_in = (uInt)size;
  z.next_out = (Bytef *)packed;
  z.avail_out = (uInt)room;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  const size_t n = room - z.avail_out;
  assert_int_equal(deflateEnd(&z), Z_OK);
  return n;
}

static void gzip_is_read_whole_or_named(void **state) {
  (void)state;
  char packed[512];
  const size_t n = pack("id,n\n1,a\n", 9, packed, sizeof packed);
  const size_t both = n + pack("2,b\n", 4, packed + n, sizeof packed - n);
  assert_ok(read_bytes(packed, both, NULL, &err)); /* members follow one another */
  assert_string_equal(got, "id|n|1|a|2|b|");
  assert_fails(read_bytes(packed, both - 9, NULL, &err), PFC_EDATA,
               "damaged gzip stream (it is cut short)");
  assert_fails(read_bytes(packed, n + 1, NULL, &err), PFC_EDATA,
               "t.csv:3: damaged gzip stream (bytes that are no gzip follow its end)");
  memset(packed + n, 'x', 4);
  assert_fails(read_bytes(packed, n + 4, NULL, &err), PFC_EDATA,
               "t.csv:3: damaged gzip stream (bytes that are no gzip follow its end)");
  packed[n - 6] ^= 1; /* of the checksum */
  assert_fails(read_bytes(packed, n, NULL, &err), PFC_EDATA,
               "damaged gzip stream (incorrect data check)");
  test_write_file("t.csv.gz", "PK\3\4", 4);
  assert_fails(read_cells("t.csv.gz", NULL, &err), PFC_EDATA, "t.csv.gz is not a gzip file");
}

/* --- size ------------------------------------------------------------------ */

/* Tells the size of the block when the file has been refused. */
static size_t refuse(const char *needle) {
  pfc_csv_settings s;
  pfc_csv_defaults(&s);
  pfc__csv *reader = NULL;
  pfc__csv_block block = {0};
  pfc_status st = PFC_OK;
  pfc_error own = PFC_ERROR_INIT;
  assert_ok(pfc__csv_open("t.csv", &s, false, &reader, &err));
  do st = pfc__csv_next(reader, &block, &own);
  while (st == PFC_OK && block.n_rows > 0);
  assert_int_equal(st, PFC_EDATA);
  if (!strstr(own.msg, needle)) fail_msg("%s", own.msg);
  const size_t size = block.text_capacity + block.cell_capacity * sizeof *block.cell;
  pfc__csv_close(reader);
  pfc__csv_block_clear(&block);
  return size;
}

/* `n` times `fill` between a beginning and nothing. */
static void write_long(const char *begin, const char *fill, int64_t n) {
  FILE *to = fopen("t.csv", "w");
  assert_non_null(to);
  (void)fputs(begin, to);
  for (int64_t i = 0; i < n; i++) (void)fputs(fill, to);
  assert_int_equal(fclose(to), 0);
}

static void what_never_ends_takes_bounded_memory(void **state) {
  (void)state;
  const char *wide = "0123456789abcdef0123456789abcdef";
  const int64_t n = ((int64_t)100 << 20) / 32;
  write_long("a,b\n1,", wide, n);
  assert_in_range(refuse("t.csv:2: column 2: the cell is longer than 1 MiB"), 1, 16 << 20);
  write_long("a,b\n1,\"", wide, n);
  assert_in_range(refuse("t.csv:2: column 2: the cell is longer than 1 MiB; is a quote not "
                         "closed?"),
                  1, 16 << 20);
  write_long("a,b\n1", ",,,,,,,,,,,,,,,,", 1 << 16);
  assert_in_range(refuse("t.csv:2: the row has more than 65536 cells"), 1, 16 << 20);
  /* Cells of half a mebibyte, and no line end. */
  char *cell = pfc_alloc_array(((size_t)1 << 19) + 1, 1);
  assert_non_null(cell);
  memset(cell, 'x', (size_t)1 << 19);
  cell[0] = ',';
  write_long("a,b\n1", cell, 160);
  assert_in_range(refuse("t.csv:2: the row is longer than 64 MiB"), 1, 256 << 20);
  pfc_free(cell);
  assert_int_equal(remove("t.csv"), 0);
}

/* --- digest ---------------------------------------------------------------- */

static void the_digest_is_of_the_file(void **state) {
  (void)state;
  char packed[512], wanted[PFC_SHA256_HEX], hex[PFC_SHA256_HEX];
  const size_t n = pack("id,n\n1,a\n", 9, packed, sizeof packed);
  for (int is_packed = 0; is_packed < 2; is_packed++) {
    pfc_csv_settings s;
    pfc_csv_defaults(&s);
    pfc__csv *reader = NULL;
    pfc__csv_block block = {0};
    test_write_file("t.csv", is_packed ? packed : "\xef\xbb\xbfid\n1\n", is_packed ? n : 8);
    assert_ok(pfc__csv_open("t.csv", &s, true, &reader, &err));
    do assert_ok(pfc__csv_next(reader, &block, &err));
    while (block.n_rows > 0);
    pfc__csv_digest(reader, hex);
    assert_ok(pfc_sha256_file("t.csv", wanted, &err));
    assert_string_equal(hex, wanted);
    pfc__csv_close(reader);
    pfc__csv_block_clear(&block);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(marks_and_patterns_name_the_encoding),
      cmocka_unit_test(encodings_are_converted),
      cmocka_unit_test(latin_text_is_recognized),
      cmocka_unit_test(what_cannot_be_converted_is_told_with_its_line),
      cmocka_unit_test(unknown_encodings_are_refused),
      cmocka_unit_test(characters_cross_buffers),
      cmocka_unit_test(gzip_is_read_whole_or_named),
      cmocka_unit_test(what_never_ends_takes_bounded_memory),
      cmocka_unit_test(the_digest_is_of_the_file),
  };
  return cmocka_run_group_tests_name("datasets/text_source", tests, NULL, NULL);
}
