/* Eight threads on one handle: every answer has the bits that it has alone. Then a handle that is freed
 * while others use it. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { THREADS = 8, ROUNDS = 40, TEXTS = 6 };

static const char *sentences[TEXTS] = {
  "A film of rare warmth, and not a minute too long.",
  "Dreadful.",
  "The plot is thin, the acting thinner, and yet I could not look away for a second.",
  "",
  "I would not recommend it to anyone, least of all to those who loved the book.",
  "Na\xC3\xAFve but charming."
};

static swiftlet_classifier *classifier = NULL;
static swiftlet_tokenizer *tokenizer = NULL;
static float expected[TEXTS][2];

/* How many answers of a thread are wrong. Each has its own order and size of batches. */
static void *work(void *argument) {
  size_t number = (size_t)argument, wrong = 0, round, i;
  for (round = 0; round < ROUNDS; round++) {
    swiftlet_text texts[TEXTS];
    swiftlet_classifications *result = NULL;
    swiftlet_tokens *tokens = NULL;
    swiftlet_error *error = NULL;
    size_t size = 1 + (number + round) % TEXTS;
    for (i = 0; i < size; i++) texts[i] = text(sentences[(number + round + i) % TEXTS]);
    if (swiftlet_classify(classifier, texts, size, NULL, &result, &error) != SWIFTLET_OK) {
      wrong += size;
      swiftlet_error_free(error);
      continue;
    }
    for (i = 0; i < size; i++) {
      const float *logits = result->logits + 2 * i;
      wrong += memcmp(logits, expected[(number + round + i) % TEXTS], 2 * sizeof(float)) != 0;
    }
    swiftlet_classifications_free(result);
    if (swiftlet_tokenize(tokenizer, texts, NULL, NULL, &tokens, NULL) != SWIFTLET_OK) wrong++;
    swiftlet_tokens_free(tokens);
    /* Errors are made at the same time, and stay their thread's own. */
    texts[0].bytes = "\xFF";
    texts[0].length = 1;
    if (!fails(swiftlet_classify(classifier, texts, 1, NULL, &result, &error),
               SWIFTLET_INVALID_UTF8, &error, "texts[0]", 0)) wrong++;
  }
  return (void *)wrong;
}

/* Runs until the handle is gone; how many calls ended in another way. */
static void *work_until_freed(void *argument) {
  size_t wrong = 0;
  swiftlet_text input = text(sentences[0]);
  (void)argument;
  for (;;) {
    swiftlet_classifications *result = NULL;
    swiftlet_status status = swiftlet_classify(classifier, &input, 1, NULL, &result, NULL);
    if (status == SWIFTLET_OK) {
      wrong += memcmp(result->logits, expected[0], 2 * sizeof(float)) != 0;
      swiftlet_classifications_free(result);
      continue;
    }
    return (void *)(wrong + (status != SWIFTLET_INVALID_ARGUMENT));
  }
}

static size_t run(void *(*body)(void *), int frees) {
  pthread_t threads[THREADS];
  struct timespec pause = { 0, 100000000 };
  size_t wrong = 0, i;
  for (i = 0; i < THREADS; i++) {
    if (pthread_create(&threads[i], NULL, body, (void *)i) != 0) return (size_t)-1;
  }
  if (frees) {
    nanosleep(&pause, NULL);
    swiftlet_classifier_free(classifier);
  }
  for (i = 0; i < THREADS; i++) {
    void *result = NULL;
    if (pthread_join(threads[i], &result) != 0) return (size_t)-1;
    wrong += (size_t)result;
  }
  return wrong;
}

int main(int count, char **arguments) {
  swiftlet_model_options options = SWIFTLET_MODEL_OPTIONS_INIT;
  swiftlet_error *error = NULL;
  size_t i;
  if (count != 2) return 64;
  options.threads = 2;
  options.gemm = SWIFTLET_GEMM_NATIVE;
  CHECK("a model loads",
        succeeds(swiftlet_classifier_load(arguments[1], &options, &classifier, &error), &error)
            && succeeds(swiftlet_classifier_tokenizer(classifier, &tokenizer, &error), &error));
  for (i = 0; i < TEXTS; i++) {
    swiftlet_text input = text(sentences[i]);
    CHECK("a text alone has logits",
          succeeds(swiftlet_logits(classifier, &input, 1, NULL, expected[i], 2, &error), &error));
  }
  CHECK("eight threads have the answers of one", run(work, 0) == 0);
  CHECK("a handle may be freed while it is used", run(work_until_freed, 1) == 0);
  swiftlet_tokenizer_free(tokenizer);
  return report("threads");
}
