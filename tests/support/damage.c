#include "tests/support/damage.h"

#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/seal.h"
#include "tests/support/test.h"

/* --- damage ---------------------------------------------------------------- */

typedef struct copy {
  pfc_rng *rng;
  char *bytes; /* room for twice as many */
  size_t n;
  char *what;
} copy;

static size_t draw(const copy *c, size_t below) { return (size_t)pfc_rng_below(c->rng, below); }

/* A stretch of 1 byte to a quarter of the file; its lengths are spread over the scales. */
static size_t stretch(const copy *c, size_t *from) {
  size_t most = 1;
  for (size_t k = draw(c, 24); k > 0 && most < c->n / 4; k--) most *= 2;
  const size_t n = 1 + draw(c, most);
  *from = draw(c, c->n - n + 1);
  return n;
}

static void say(const copy *c, const char *verb, size_t n, size_t from, size_t to) {
  (void)snprintf(c->what, TEST_DAMAGE_TEXT, "%s: %zu at %zu, %zu", verb, n, from, to);
}

static void cut(copy *c) {
  c->n = draw(c, 4) ? draw(c, c->n) : c->n - 1 - draw(c, c->n < 100 ? c->n : 100);
  say(c, "cut", c->n, 0, 0);
}

static void flip(copy *c) {
  const size_t n = draw(c, 2) ? 1 : 2 + draw(c, 62);
  size_t at = 0;
  for (size_t i = 0; i < n; i++) {
    at = draw(c, c->n);
    c->bytes[at] = (char)(c->bytes[at] ^ (1 << draw(c, 8)));
  }
  say(c, "bits flipped", n, at, 0);
}

static void overwrite(copy *c) {
  const size_t n = c->n < 8 ? c->n : 8, at = draw(c, c->n - n + 1);
  for (size_t i = 0; i < n; i++) c->bytes[at + i] = (char)draw(c, 256);
  say(c, "overwritten", n, at, 0);
}

static void zero(copy *c) {
  size_t from;
  const size_t n = stretch(c, &from);
  memset(c->bytes + from, draw(c, 4) ? 0 : 0xff, n);
  say(c, "zeroed", n, from, 0);
}

static void repeat(copy *c) {
  size_t from;
  const size_t n = stretch(c, &from), to = draw(c, c->n - n + 1);
  memmove(c->bytes + to, c->bytes + from, n);
  say(c, "written elsewhere too", n, from, to);
}

static void swap(copy *c) {
  size_t from;
  const size_t n = stretch(c, &from), to = draw(c, c->n - n + 1);
  for (size_t i = 0; i < n; i++) {
    const char byte = c->bytes[from + i];
    c->bytes[from + i] = c->bytes[to + i];
    c->bytes[to + i] = byte;
  }
  say(c, "swapped", n, from, to);
}

static void leave_out(copy *c) {
  size_t from;
  const size_t n = stretch(c, &from);
  memmove(c->bytes + from, c->bytes + from + n, c->n - from - n);
  c->n -= n;
  say(c, "left out", n, from, 0);
}

static void put_in_twice(copy *c) {
  size_t from;
  const size_t n = stretch(c, &from);
  memmove(c->bytes + from + n, c->bytes + from, c->n - from);
  c->n += n;
  say(c, "put in twice", n, from, 0);
}

char *test_damage(pfc_rng *rng, const char *bytes, size_t n, size_t *n_damaged,
                  char what[TEST_DAMAGE_TEXT]) {
  static void (*const ways[])(copy * c) = {cut,  cut,    flip, flip,      overwrite,
                                           zero, repeat, swap, leave_out, put_in_twice};
  copy c = {rng, malloc(2 * n + 1), 0, what};
  assert_non_null(c.bytes);
  do {
    memcpy(c.bytes, bytes, n);
    c.n = n;
    ways[draw(&c, sizeof ways / sizeof ways[0])](&c);
  } while (c.n == n && memcmp(c.bytes, bytes, n) == 0);
  *n_damaged = c.n;
  return c.bytes;
}

long test_damage_count(long fallback) {
  const char *text = getenv("PFC_TEST_COUNT");
  const long n = text ? strtol(text, NULL, 10) : 0;
  return n > 0 ? n : fallback;
}

/* --- hanging --------------------------------------------------------------- */

static char watched[TEST_DAMAGE_TEXT];

static void bark(int signal) {
  static const char text[] = "no end in sight: ";
  (void)signal;
  (void)!write(STDERR_FILENO, text, sizeof text - 1);
  (void)!write(STDERR_FILENO, watched, strlen(watched));
  (void)!write(STDERR_FILENO, "\n", 1);
  _exit(1);
}

void test_watchdog(unsigned seconds, const char *what) {
  (void)snprintf(watched, sizeof watched, "%s", what);
  (void)signal(SIGALRM, bark);
  (void)alarm(seconds);
}

/* --- files ----------------------------------------------------------------- */

void test_damage_refused(const test_patient *p, long n, unsigned seconds) {
  pfc_rng rng;
  pfc_rng_init(&rng, test_seed(31), "damage", 0);
  for (long i = 0; i < n; i++) {
    char what[TEST_DAMAGE_TEXT];
    size_t size;
    char *bytes = test_damage(&rng, p->bytes, p->size, &size, what);
    test_write_file(TEST_COPY, bytes, size);
    free(bytes);
    test_watchdog(seconds, what);
    if (!test_patient_refuses(p)) fail_msg("loaded a damaged file: %s", what);
  }
  test_watchdog(0, "");
}

/* What the footer says the seal stands for (base/seal.h). */
static size_t without_seal(const test_patient *p) {
  uint64_t size = 0;
  for (int i = 0; i < 8; i++)
    size |= (uint64_t)(unsigned char)p->bytes[p->size - 24 + (size_t)i] << 8 * i;
  assert_true(size < p->size);
  return (size_t)size;
}

void test_damage_survived(const test_patient *p, long n, unsigned seconds) {
  pfc_rng rng;
  const size_t size = without_seal(p);
  pfc_rng_init(&rng, test_seed(32), "damage", 1);
  for (long i = 0; i < n; i++) {
    char what[TEST_DAMAGE_TEXT];
    size_t n_damaged;
    char *bytes = test_damage(&rng, p->bytes, size, &n_damaged, what);
    test_write_file(TEST_COPY, bytes, n_damaged);
    free(bytes);
    assert_ok(pfc_seal_put(TEST_COPY, &err));
    test_watchdog(seconds, what);
    (void)test_patient_refuses(p);
    const ssize_t n_open = H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL);
    if (n_open != 0) fail_msg("%zd objects are left open: %s", n_open, what);
  }
  test_watchdog(0, "");
}
