#include "datasets/text_source.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

#define BUFFER 65536
#define USUAL_PACKING 4 /* bytes of a table in one of gzip */
#define LEAST 8         /* bytes that iconv has room in: no character is longer */
#define SNIFFED 512     /* bytes that a guess at the encoding rests on */

/* What has been read of one stage and not yet been taken by the next. */
typedef struct buffer {
  char *bytes; /* BUFFER of them */
  size_t at, n;
} buffer;

struct pfc__text_source {
  const char *path; /* borrowed */
  int fd;
  int64_t size;
  pfc_sha256 *digest; /* NULL: none is asked for */
  bool is_gzip;
  bool in_member;  /* of the gzip file: its end has not been reached */
  z_stream stream; /* zlib's own state is NULL when it was never begun */
  bool converts;   /* else the text is UTF-8 already */
  iconv_t convert;
  char encoding[64];
  char fault[160]; /* "" while there is none */
  buffer raw;      /* as on disk */
  buffer plain;    /* unpacked */
  buffer spill;    /* converted, for a reader who has room for less than LEAST */
};

/* --- encodings ------------------------------------------------------------ */

static bool is_utf8_name(const char *encoding) {
  return !encoding || !encoding[0] || strcasecmp(encoding, "UTF-8") == 0 ||
         strcasecmp(encoding, "UTF8") == 0;
}

/* A slash would begin an option of iconv that drops or replaces what it cannot convert. */
static bool open_iconv(const char *encoding, iconv_t *convert) {
  if (strchr(encoding, '/')) return false;
  *convert = iconv_open("UTF-8", encoding);
  return (intptr_t)*convert != -1;
}

pfc_status pfc__text_check_encoding(const char *encoding, pfc_error *err) {
  iconv_t convert;
  if (is_utf8_name(encoding)) return PFC_OK;
  if (!open_iconv(encoding, &convert))
    return pfc_fail(err, PFC_EUSAGE,
                    "encoding '%.60s' is not known here; common ones are UTF-8, windows-1252, "
                    "ISO-8859-1, ISO-8859-15, windows-1251, UTF-16LE, Shift_JIS, GB18030; "
                    "'iconv -l' lists all",
                    encoding);
  (void)iconv_close(convert);
  return PFC_OK;
}

bool pfc__text_as_western(const char *bytes, size_t n, char *shown, size_t size) {
  char copy[PFC__TEXT_SHOWN]; /* iconv takes no const */
  char *in = copy, *out = shown;
  size_t left = n < sizeof copy ? n : sizeof copy, room = size - 1;
  iconv_t convert;
  if (!open_iconv("WINDOWS-1252", &convert)) return false;
  memcpy(copy, bytes, left);
  const bool is_whole = iconv(convert, &in, &left, &out, &room) != (size_t)-1;
  *out = '\0';
  (void)iconv_close(convert);
  return is_whole;
}

/* --- raw bytes ------------------------------------------------------------ */

static pfc_status raw_read(pfc__text_source *s, char *to, size_t size, size_t *n,
                           pfc_error *err) {
  ssize_t got;
  do got = read(s->fd, to, size);
  while (got < 0 && errno == EINTR);
  if (got < 0) return pfc_fail(err, PFC_EIO, "cannot read %s: %s", s->path, strerror(errno));
  if (s->digest) pfc_sha256_add(s->digest, to, (size_t)got);
  *n = (size_t)got;
  return PFC_OK;
}

/* More bytes behind those that are left; *grew = false at the end of the file. */
static pfc_status refill(pfc__text_source *s, buffer *b, bool *grew, pfc_error *err,
                         pfc_status (*from)(pfc__text_source *, char *, size_t, size_t *,
                                            pfc_error *)) {
  size_t n = 0;
  if (b->at > 0) memmove(b->bytes, b->bytes + b->at, b->n - b->at);
  b->n -= b->at;
  b->at = 0;
  const pfc_status st = from(s, b->bytes + b->n, BUFFER - b->n, &n, err);
  b->n += n;
  *grew = n > 0;
  return st;
}

static size_t take(buffer *b, char *to, size_t size) {
  const size_t left = b->n - b->at, n = left < size ? left : size;
  memcpy(to, b->bytes + b->at, n);
  b->at += n;
  return n;
}

/* --- gzip ----------------------------------------------------------------- */

static bool is_gzip_magic(const buffer *b) {
  return b->n - b->at >= 2 && (unsigned char)b->bytes[b->at] == 0x1f &&
         (unsigned char)b->bytes[b->at + 1] == 0x8b;
}

static void damaged(pfc__text_source *s, const char *how) {
  (void)snprintf(s->fault, sizeof s->fault, "damaged gzip stream (%s)", how);
}

/* Between members of the file: another one, the end, or something that is neither. */
static pfc_status next_member(pfc__text_source *s, pfc_error *err) {
  pfc_status st = PFC_OK;
  bool grew = true;
  while (grew && s->raw.n - s->raw.at < 2) PFC_TRY(refill(s, &s->raw, &grew, err, raw_read));
  if (s->raw.n == s->raw.at) return st;
  if (!is_gzip_magic(&s->raw)) {
    damaged(s, "bytes that are no gzip follow its end");
    return st;
  }
  (void)inflateReset(&s->stream);
  s->in_member = true;
done:
  return st;
}

/* One step of zlib, from the raw buffer to `to`. */
static pfc_status inflate_some(pfc__text_source *s, char *to, size_t size, size_t *n,
                               pfc_error *err) {
  z_stream *z = &s->stream;
  z->next_in = (Bytef *)s->raw.bytes + s->raw.at;
  z->avail_in = (uInt)(s->raw.n - s->raw.at);
  z->next_out = (Bytef *)to;
  z->avail_out = (uInt)size;
  const int code = inflate(z, Z_NO_FLUSH);
  s->raw.at = s->raw.n - z->avail_in;
  *n = size - z->avail_out;
  if (code == Z_MEM_ERROR) return pfc_fail_memory(err, "gzip");
  if (code == Z_STREAM_END)
    s->in_member = false;
  else if (code != Z_OK && code != Z_BUF_ERROR)
    damaged(s, z->msg ? z->msg : "not deflate");
  return PFC_OK;
}

static pfc_status gunzip(pfc__text_source *s, char *to, size_t size, size_t *n,
                         pfc_error *err) {
  pfc_status st = PFC_OK;
  bool grew = true;
  *n = 0;
  while (*n == 0 && !s->fault[0]) {
    if (!s->in_member) PFC_TRY(next_member(s, err));
    if (!s->in_member) break;
    if (s->raw.at == s->raw.n) PFC_TRY(refill(s, &s->raw, &grew, err, raw_read));
    if (!grew)
      damaged(s, "it is cut short");
    else
      PFC_TRY(inflate_some(s, to, size, n, err));
  }
done:
  return st;
}

static pfc_status plain_read(pfc__text_source *s, char *to, size_t size, size_t *n,
                             pfc_error *err) {
  if (s->is_gzip) return gunzip(s, to, size, n, err);
  *n = take(&s->raw, to, size);
  return *n > 0 ? PFC_OK : raw_read(s, to, size, n, err);
}

/* --- text ----------------------------------------------------------------- */

static void not_of_encoding(pfc__text_source *s, bool is_cut) {
  const unsigned char *b = (const unsigned char *)s->plain.bytes + s->plain.at;
  if (is_cut)
    (void)snprintf(s->fault, sizeof s->fault, "the file ends inside a character of %s",
                   s->encoding);
  else
    (void)snprintf(s->fault, sizeof s->fault,
                   "byte 0x%02x here begins no character of %s; is that the file's encoding?",
                   b[0], s->encoding);
}

/* Through iconv; an incomplete character at the end of the buffer waits for its rest. */
static pfc_status convert_some(pfc__text_source *s, char *to, size_t size, size_t *n,
                               pfc_error *err) {
  pfc_status st = PFC_OK;
  bool starved = s->plain.at == s->plain.n, grew = true;
  *n = 0;
  while (*n == 0 && !s->fault[0]) {
    if (starved) PFC_TRY(refill(s, &s->plain, &grew, err, plain_read));
    if (s->plain.at == s->plain.n) break;
    if (starved && !grew && !s->fault[0]) not_of_encoding(s, true);
    char *in = s->plain.bytes + s->plain.at, *out = to;
    size_t left = s->plain.n - s->plain.at, room = size;
    const size_t done = iconv(s->convert, &in, &left, &out, &room);
    s->plain.at = s->plain.n - left;
    *n = size - room;
    starved = done != (size_t)-1 || errno == EINVAL;
    if (!starved && errno == EILSEQ && *n == 0) not_of_encoding(s, false);
  }
done:
  return st;
}

static pfc_status converted_read(pfc__text_source *s, char *to, size_t size, size_t *n,
                                 pfc_error *err) {
  buffer *spill = &s->spill;
  if (spill->at == spill->n) {
    if (s->fault[0]) return PFC_OK;
    if (size >= LEAST) return convert_some(s, to, size, n, err);
    spill->at = 0;
    const pfc_status st = convert_some(s, spill->bytes, LEAST, &spill->n, err);
    if (st != PFC_OK) return st;
  }
  *n = take(spill, to, size);
  return PFC_OK;
}

pfc_status pfc__text_read(pfc__text_source *s, char *to, size_t size, size_t *n,
                          pfc_error *err) {
  *n = 0;
  if (s->converts) return converted_read(s, to, size, n, err);
  *n = take(&s->plain, to, size);
  if (*n > 0 || s->fault[0]) return PFC_OK;
  return plain_read(s, to, size, n, err);
}

const char *pfc__text_fault(const pfc__text_source *s) { return s->fault[0] ? s->fault : NULL; }

int64_t pfc__text_expected(const pfc__text_source *s) {
  return s->is_gzip ? s->size * USUAL_PACKING : s->size;
}

void pfc__text_digest(pfc__text_source *s, char hex[PFC_SHA256_HEX]) {
  pfc_sha256_hex(s->digest, hex);
}

/* --- opening -------------------------------------------------------------- */

static const struct mark {
  const char *bytes, *encoding;
  size_t size;
} MARKS[] = {
    {"\xef\xbb\xbf", "UTF-8", 3},    {"\xff\xfe\0\0", "UTF-32LE", 4},
    {"\0\0\xfe\xff", "UTF-32BE", 4}, {"\xff\xfe", "UTF-16LE", 2},
    {"\xfe\xff", "UTF-16BE", 2},
};

static const struct mark *find_mark(const buffer *b) {
  for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
    if (b->n >= MARKS[i].size && memcmp(b->bytes, MARKS[i].bytes, MARKS[i].size) == 0)
      return &MARKS[i];
  return NULL;
}

/* UTF-16 without a mark: in what is mostly Latin letters and figures, every other byte is
 * NUL. NULL when the text does not look so. */
static const char *guess_wide(const buffer *b) {
  const size_t n = (b->n < SNIFFED ? b->n : SNIFFED) / 2 * 2;
  size_t nul[2] = {0};
  for (size_t i = 0; i < n; i++) nul[i % 2] += b->bytes[i] == '\0';
  if (n < 8) return NULL;
  if (nul[0] == 0 && nul[1] * 4 > n) return "UTF-16LE";
  if (nul[1] == 0 && nul[0] * 4 > n) return "UTF-16BE";
  return NULL;
}

/* Which encoding the text has, by its first bytes and by what the caller says. */
static pfc_status choose_encoding(pfc__text_source *s, const char *given, pfc_error *err) {
  const struct mark *mark = find_mark(&s->plain);
  const char *found = mark ? mark->encoding : guess_wide(&s->plain);
  if (mark) s->plain.at += mark->size;
  if (mark && is_utf8_name(mark->encoding)) return PFC_OK;
  if (is_utf8_name(given)) {
    if (!found) return PFC_OK;
    return pfc_fail(err, PFC_EDATA,
                    "%s: the text looks like %s; use --encoding %s, or save the file as UTF-8",
                    s->path, found, found);
  }
  (void)snprintf(s->encoding, sizeof s->encoding, "%s", mark ? mark->encoding : given);
  s->converts = open_iconv(s->encoding, &s->convert);
  return s->converts ? PFC_OK : pfc__text_check_encoding(given, err);
}

/* A name that says gzip must be gzip: else a cut or mistaken file passes for text. */
static bool claims_gzip(const char *path) {
  const size_t size = strlen(path);
  return size > 3 && strcmp(path + size - 3, ".gz") == 0;
}

static pfc_status begin_gzip(pfc__text_source *s, pfc_error *err) {
  s->is_gzip = is_gzip_magic(&s->raw);
  if (!s->is_gzip && claims_gzip(s->path))
    return pfc_fail(err, PFC_EDATA, "%s is not a gzip file", s->path);
  if (!s->is_gzip) return PFC_OK;
  s->in_member = true;
  return inflateInit2(&s->stream, 16 + MAX_WBITS) == Z_OK ? PFC_OK
                                                          : pfc_fail_memory(err, "gzip");
}

/* Enough of the text to know it by; pipes give theirs in small pieces. */
static pfc_status read_head(pfc__text_source *s, buffer *b, size_t size, pfc_error *err,
                            pfc_status (*from)(pfc__text_source *, char *, size_t, size_t *,
                                               pfc_error *)) {
  pfc_status st = PFC_OK;
  for (bool grew = true; grew && b->n < size;) PFC_TRY(refill(s, b, &grew, err, from));
done:
  return st;
}

static pfc_status open_file(pfc__text_source *s, pfc_error *err) {
  struct stat info;
  s->fd = open(s->path, O_RDONLY | O_CLOEXEC);
  if (s->fd < 0) return pfc_fail(err, PFC_EIO, "cannot open %s: %s", s->path, strerror(errno));
  if (fstat(s->fd, &info) == 0 && S_ISREG(info.st_mode)) s->size = info.st_size;
  (void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return PFC_OK;
}

pfc_status pfc__text_open(const char *path, const char *encoding, bool digest,
                          pfc__text_source **out, pfc_error *err) {
  pfc_status st = PFC_OK;
  pfc__text_source *s = NULL;
  PFC_NEW(s, 1);
  s->path = path;
  s->fd = -1;
  PFC_NEW(s->raw.bytes, BUFFER);
  PFC_NEW(s->plain.bytes, BUFFER);
  PFC_NEW(s->spill.bytes, LEAST);
  if (digest && !(s->digest = pfc_sha256_create())) PFC_TRY(pfc_fail_memory(err, "digest"));
  PFC_TRY(open_file(s, err));
  PFC_TRY(read_head(s, &s->raw, 2, err, raw_read));
  PFC_TRY(begin_gzip(s, err));
  PFC_TRY(read_head(s, &s->plain, SNIFFED, err, plain_read));
  PFC_TRY(choose_encoding(s, encoding, err));
  *out = s;
  s = NULL;
done:
  pfc__text_close(s);
  return st;
}

void pfc__text_close(pfc__text_source *s) {
  if (!s) return;
  if (s->fd >= 0) (void)close(s->fd);
  if (s->converts) (void)iconv_close(s->convert);
  (void)inflateEnd(&s->stream); /* refuses what was never begun */
  pfc_sha256_destroy(s->digest);
  pfc_free(s->raw.bytes);
  pfc_free(s->plain.bytes);
  pfc_free(s->spill.bytes);
  pfc_free(s);
}
