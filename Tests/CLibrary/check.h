/* The checks of every test here: named properties and an exit status. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <string.h>
#include <swiftlet.h>

static int failures = 0;
static int checks = 0;

/* Reports a property that does not hold, and continues. */
#define CHECK(name, condition)                                                         \
  do {                                                                                 \
    checks++;                                                                          \
    if (!(condition)) {                                                                \
      failures++;                                                                      \
      fprintf(stderr, "FAIL  %s (%s:%d: %s)\n", name, __FILE__, __LINE__, #condition); \
    }                                                                                  \
  } while (0)

/* Whether a call returned a status and an error whose message has a part, about a text (-1: about
 * no text). Frees the error. */
static inline int fails(
    swiftlet_status status, swiftlet_status expected, swiftlet_error **error, const char *part,
    int64_t text_index) {
  int holds = status == expected && *error != NULL && swiftlet_error_status(*error) == expected
      && strstr(swiftlet_error_message(*error), part) != NULL
      && swiftlet_error_text_index(*error) == text_index;
  if (!holds) {
    fprintf(stderr, "      found %s about %lld: %s\n", swiftlet_status_name(status),
            (long long)swiftlet_error_text_index(*error), swiftlet_error_message(*error));
  }
  swiftlet_error_free(*error);
  *error = NULL;
  return holds;
}

/* Whether a call succeeded; prints the error otherwise. */
static inline int succeeds(swiftlet_status status, swiftlet_error **error) {
  if (status == SWIFTLET_OK && *error == NULL) return 1;
  fprintf(stderr, "      found %s: %s\n", swiftlet_status_name(status),
          swiftlet_error_message(*error));
  swiftlet_error_free(*error);
  *error = NULL;
  return 0;
}

static inline swiftlet_text text(const char *bytes) {
  swiftlet_text result;
  result.bytes = bytes;
  result.length = SWIFTLET_NUL_TERMINATED;
  return result;
}

/* A path below a folder; the last eight stay valid. */
static inline const char *below(const char *folder, const char *name) {
  static char paths[8][4096];
  static int next = 0;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static inline int report(const char *program) {
  printf("%s: %d of %d checks passed\n", program, checks - failures, checks);
  return failures == 0 ? 0 : 1;
}

#endif
