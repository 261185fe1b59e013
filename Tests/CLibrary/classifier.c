/* Classifiers: what they answer, and every way to call them wrongly. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

static swiftlet_error *error = NULL;

static swiftlet_classifier *load(const char *directory) {
  swiftlet_model_options options = SWIFTLET_MODEL_OPTIONS_INIT;
  swiftlet_classifier *classifier = NULL;
  options.threads = 2;
  CHECK("a model loads",
        succeeds(swiftlet_classifier_load(directory, &options, &classifier, &error), &error));
  return classifier;
}

static void check_answers(swiftlet_classifier *classifier) {
  swiftlet_text texts[4];
  swiftlet_classifications *all = NULL, *one = NULL;
  float logits[8];
  size_t i;
  texts[0] = text("A film of rare warmth, and not a minute too long.");
  texts[1] = text("Dreadful.");
  texts[2].bytes = NULL;
  texts[2].length = 0;
  texts[3].bytes = "with a NUL\0inside, and cut here";
  texts[3].length = 18;

  CHECK("there are two labels", swiftlet_classifier_label_count(classifier) == 2);
  CHECK("the first is NEGATIVE", strcmp(swiftlet_classifier_label(classifier, 0), "NEGATIVE") == 0);
  CHECK("the second is POSITIVE", strcmp(swiftlet_classifier_label(classifier, 1), "POSITIVE") == 0);
  CHECK("there is no third", swiftlet_classifier_label(classifier, 2) == NULL);
  CHECK("nor one before the first", swiftlet_classifier_label(classifier, (size_t)-1) == NULL);
  CHECK("the model takes 512 tokens", swiftlet_classifier_max_length(classifier) == 512);

  CHECK("texts are classified",
        succeeds(swiftlet_classify(classifier, texts, 4, NULL, &all, &error), &error));
  if (all == NULL) return;
  CHECK("every text has an answer", all->count == 4 && all->label_count == 2);
  CHECK("the first is positive", all->best[0] == 1 && all->scores[1] > 0.9f);
  CHECK("the second is negative", all->best[1] == 0 && all->scores[2] > 0.9f);
  CHECK("tokens are counted", all->token_counts[1] == 4 && all->token_counts[2] == 2);
  CHECK("nothing is cut", all->truncated[0] == 0 && all->truncated[3] == 0);
  for (i = 0; i < 4; i++) {
    float sum = all->scores[2 * i] + all->scores[2 * i + 1];
    CHECK("scores add up to 1", fabsf(sum - 1) < 1e-6f);
    CHECK("a text alone is classified",
          succeeds(swiftlet_classify(classifier, &texts[i], 1, NULL, &one, &error), &error));
    CHECK("alone and in a batch its logits are the same bits",
          one != NULL && memcmp(one->logits, all->logits + 2 * i, 2 * sizeof(float)) == 0);
    swiftlet_classifications_free(one);
  }
  CHECK("logits go into a buffer",
        succeeds(swiftlet_logits(classifier, texts, 4, NULL, logits, 8, &error), &error));
  CHECK("they are those of the answers", memcmp(logits, all->logits, sizeof logits) == 0);
  swiftlet_classifications_free(all);

  CHECK("no texts have no answers",
        succeeds(swiftlet_classify(classifier, NULL, 0, NULL, &all, &error), &error));
  CHECK("but a result", all != NULL && all->count == 0 && all->label_count == 2);
  swiftlet_classifications_free(all);
  CHECK("no texts have no logits",
        succeeds(swiftlet_logits(classifier, NULL, 0, NULL, NULL, 0, &error), &error));
}

static void check_functions(swiftlet_classifier *classifier) {
  swiftlet_classification_options options = SWIFTLET_CLASSIFICATION_OPTIONS_INIT;
  swiftlet_classifications *result = NULL;
  swiftlet_text sentence = text("Good, but long.");
  int i;
  options.function = SWIFTLET_FUNCTION_SIGMOID;
  CHECK("sigmoid is a function",
        succeeds(swiftlet_classify(classifier, &sentence, 1, &options, &result, &error), &error));
  for (i = 0; i < 2 && result != NULL; i++) {
    CHECK("it looks at each logit alone",
          fabsf(result->scores[i] - 1 / (1 + expf(-result->logits[i]))) < 1e-6f);
  }
  swiftlet_classifications_free(result);
  options.function = SWIFTLET_FUNCTION_NONE;
  CHECK("none is a function",
        succeeds(swiftlet_classify(classifier, &sentence, 1, &options, &result, &error), &error));
  CHECK("its scores are the logits",
        result != NULL && memcmp(result->scores, result->logits, 2 * sizeof(float)) == 0);
  swiftlet_classifications_free(result);
  options.function = SWIFTLET_FUNCTION_SOFTMAX;
  options.temperature = 2;
  CHECK("a temperature is taken",
        succeeds(swiftlet_classify(classifier, &sentence, 1, &options, &result, &error), &error));
  if (result != NULL) {
    float difference = (result->logits[1] - result->logits[0]) / 2;
    CHECK("it divides the logits",
          fabsf(result->scores[1] - 1 / (1 + expf(-difference))) < 1e-6f);
  }
  swiftlet_classifications_free(result);
}

static void check_long_texts(swiftlet_classifier *classifier) {
  swiftlet_classification_options options = SWIFTLET_CLASSIFICATION_OPTIONS_INIT;
  swiftlet_classifications *result = NULL;
  swiftlet_text texts[2];
  char *words = malloc(4 * 1000 + 1);
  int i;
  if (words == NULL) return;
  for (i = 0; i < 1000; i++) memcpy(words + 4 * i, "bad ", 4);
  words[4000] = 0;
  texts[0] = text("short");
  texts[1] = text(words);
  CHECK("a long text is cut by default",
        succeeds(swiftlet_classify(classifier, texts, 2, NULL, &result, &error), &error));
  CHECK("the result says so", result != NULL && result->truncated[0] == 0
        && result->truncated[1] == 1 && result->token_counts[1] == 1002);
  swiftlet_classifications_free(result);
  options.long_text = SWIFTLET_LONG_TEXT_WINDOW;
  options.window_stride = 32;
  options.window_pooling = SWIFTLET_WINDOW_POOLING_MAX;
  CHECK("it may be read in windows",
        succeeds(swiftlet_classify(classifier, texts, 2, &options, &result, &error), &error));
  CHECK("then nothing is cut", result != NULL && result->truncated[1] == 0);
  swiftlet_classifications_free(result);
  options.window_stride = 4096;
  CHECK("windows that don't move are refused",
        fails(swiftlet_classify(classifier, texts, 2, &options, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "stride", 1));
  options.long_text = SWIFTLET_LONG_TEXT_ERROR;
  CHECK("it may be refused",
        fails(swiftlet_classify(classifier, texts, 2, &options, &result, &error),
              SWIFTLET_TEXT_TOO_LONG, &error, "1002 tokens", 1));
  CHECK("then there is no result", result == NULL);
  free(words);
}

static void check_other_task(const char *fixtures) {
  swiftlet_model_options options = SWIFTLET_MODEL_OPTIONS_INIT;
  swiftlet_classifier *none = NULL;
  swiftlet_embedder *embedder = NULL;
  CHECK("a token classifier is not a classifier of texts",
        fails(swiftlet_classifier_load(below(fixtures, "heads/tokens"), NULL, &none, &error),
              SWIFTLET_UNSUPPORTED_MODEL, &error, "token classifier", -1));
  CHECK("a classifier makes no embeddings",
        fails(swiftlet_embedder_load(below(fixtures, "heads/nli"), NULL, &embedder, &error),
              SWIFTLET_UNSUPPORTED_MODEL, &error, "sequence classifier", -1));
  options.allow_other_task = 1;
  CHECK("unless one insists",
        succeeds(swiftlet_embedder_load(below(fixtures, "heads/nli"), &options, &embedder, &error),
                 &error));
  swiftlet_embedder_free(embedder);
}

static void check_pairs(const char *fixtures) {
  swiftlet_classifier *classifier = load(below(fixtures, "heads/nli"));
  swiftlet_text first[2], second[2];
  swiftlet_classifications *result = NULL, *single = NULL;
  first[0] = first[1] = text("a man sleeps");
  second[0] = text("a man is awake");
  second[1] = text("");
  CHECK("pairs are classified",
        succeeds(swiftlet_classify_pairs(classifier, first, second, 2, NULL, &result, &error),
                 &error));
  CHECK("first texts alone are something else",
        succeeds(swiftlet_classify(classifier, first, 2, NULL, &single, &error), &error));
  if (result != NULL && single != NULL) {
    CHECK("three labels have three scores", result->count == 2 && result->label_count == 3);
    CHECK("the second text matters", memcmp(result->logits, single->logits, 12) != 0);
    CHECK("both are counted", result->token_counts[0] > single->token_counts[0]);
  }
  swiftlet_classifications_free(result);
  swiftlet_classifications_free(single);
  CHECK("pairs must be there",
        fails(swiftlet_classify_pairs(classifier, first, NULL, 2, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "pairs is NULL", -1));
  second[1].length = 2;
  second[1].bytes = "\xC3\x28";
  CHECK("pairs must be UTF-8",
        fails(swiftlet_classify_pairs(classifier, first, second, 2, NULL, &result, &error),
              SWIFTLET_INVALID_UTF8, &error, "pairs[1]", 1));
  swiftlet_classifier_free(classifier);
}

static void check_arguments(const char *model, swiftlet_classifier *classifier) {
  swiftlet_text good = text("fine"), bad = text("fine");
  swiftlet_text texts[3];
  swiftlet_classifications *result = NULL;
  swiftlet_classifier *none = NULL;
  float logits[4] = { 7, 7, 7, 7 };
  CHECK("a folder must be named",
        fails(swiftlet_classifier_load(NULL, NULL, &none, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "directory is NULL", -1));
  CHECK("its name must be UTF-8",
        fails(swiftlet_classifier_load("\xFFmodel", NULL, &none, &error), SWIFTLET_INVALID_UTF8,
              &error, "directory is not UTF-8", -1));
  CHECK("a result needs a place",
        fails(swiftlet_classifier_load(model, NULL, NULL, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "classifier is NULL", -1));
  CHECK("answers need a place",
        fails(swiftlet_classify(classifier, &good, 1, NULL, NULL, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "result is NULL", -1));
  CHECK("the error need not be taken",
        swiftlet_classify(classifier, &good, 1, NULL, NULL, NULL) == SWIFTLET_INVALID_ARGUMENT);
  CHECK("a classifier must be there",
        fails(swiftlet_classify(NULL, &good, 1, NULL, &result, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "classifier is NULL", -1));
  CHECK("texts must be there",
        fails(swiftlet_classify(classifier, NULL, 1, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "texts is NULL", -1));
  CHECK("a negative count is refused",
        fails(swiftlet_classify(classifier, &good, (size_t)-1, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "count is 18446744073709551615", -1));
  texts[0] = texts[2] = good;
  bad.bytes = NULL;
  bad.length = 3;
  texts[1] = bad;
  CHECK("bytes must be there",
        fails(swiftlet_classify(classifier, texts, 3, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "texts[1] are NULL", 1));
  texts[1].length = SWIFTLET_NUL_TERMINATED;
  CHECK("and those that end in NUL",
        fails(swiftlet_classify(classifier, texts, 3, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "texts[1] are NULL", 1));
  texts[1].bytes = "x";
  texts[1].length = (size_t)-2;
  CHECK("a length must be one",
        fails(swiftlet_classify(classifier, texts, 3, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "length of texts[1]", 1));
  texts[1] = text("caf\xE9");
  CHECK("Latin-1 is refused",
        fails(swiftlet_classify(classifier, texts, 3, NULL, &result, &error),
              SWIFTLET_INVALID_UTF8, &error, "texts[1] is not UTF-8: invalid byte at offset 3 of 4", 1));
  texts[1] = text("\xED\xA0\x80");
  CHECK("surrogates are refused",
        fails(swiftlet_classify(classifier, texts, 3, NULL, &result, &error),
              SWIFTLET_INVALID_UTF8, &error, "invalid byte at offset 0", 1));
  CHECK("a buffer must be there",
        fails(swiftlet_logits(classifier, &good, 1, NULL, NULL, 2, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "logits is NULL", -1));
  texts[1] = good;
  CHECK("a buffer must be large enough",
        fails(swiftlet_logits(classifier, texts, 3, NULL, logits, 4, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "holds 4 floats, but 3 texts need 6", -1));
  CHECK("a small buffer stays as it was", logits[0] == 7 && logits[3] == 7);
  CHECK("no failure leaves a result", result == NULL && none == NULL);
}

/* Processors without AVX512_BF16 get an error that names it. */
static void check_bfloat16(const char *model) {
  swiftlet_model_options options = SWIFTLET_MODEL_OPTIONS_INIT;
  swiftlet_classifier *classifier = NULL;
  swiftlet_classifications *result = NULL;
  swiftlet_text good = text("fine");
  swiftlet_status status;
  options.precision = SWIFTLET_PRECISION_BFLOAT16;
  status = swiftlet_classifier_load(model, &options, &classifier, &error);
  CHECK("it can be asked for beforehand",
        swiftlet_precision_supported(options.precision) == (status == SWIFTLET_OK));
  if (status != SWIFTLET_OK) {
    CHECK("bfloat16 says what it needs",
          fails(status, SWIFTLET_ENGINE, &error, "AVX512_BF16", -1) && classifier == NULL);
    return;
  }
  CHECK("bfloat16 answers",
        succeeds(swiftlet_classify(classifier, &good, 1, NULL, &result, &error), &error));
  swiftlet_classifications_free(result);
  swiftlet_classifier_free(classifier);
}

static void check_options(const char *model, swiftlet_classifier *classifier) {
  swiftlet_model_options load_options = SWIFTLET_MODEL_OPTIONS_INIT;
  swiftlet_classification_options options = SWIFTLET_CLASSIFICATION_OPTIONS_INIT;
  swiftlet_classifier *none = NULL;
  swiftlet_classifications *result = NULL;
  swiftlet_text good = text("fine");
#define REFUSED_LOAD(field, value, part)                                                     \
  load_options.field = value;                                                                \
  CHECK(#field " must make sense",                                                           \
        fails(swiftlet_classifier_load(model, &load_options, &none, &error),                 \
              SWIFTLET_INVALID_OPTION, &error, part, -1));                                   \
  load_options.field = 0
  REFUSED_LOAD(precision, 4, "precision is 4");
  REFUSED_LOAD(precision, -1, "precision is -1");
  REFUSED_LOAD(gemm, 3, "gemm is 3");
  REFUSED_LOAD(loading, 3, "loading is 3");
  REFUSED_LOAD(threads, 4097, "threads is 4097");
  REFUSED_LOAD(normalization, 1, "only embedders have one");
  REFUSED_LOAD(allow_other_task, 2, "allow_other_task is 2");
#define REFUSED(field, value, part)                                                          \
  options.field = value;                                                                     \
  CHECK(#field " must make sense",                                                           \
        fails(swiftlet_classify(classifier, &good, 1, &options, &result, &error),            \
              SWIFTLET_INVALID_OPTION, &error, part, -1));                                   \
  options.field = 0
  REFUSED(function, 4, "function is 4");
  REFUSED(long_text, 3, "long_text is 3");
  REFUSED(window_pooling, 2, "window_pooling is 2");
  REFUSED(temperature, -1, "temperature is -1");
  REFUSED(temperature, (float)NAN, "temperature");
  REFUSED(reserved, 1, "reserved");
  load_options.precision = SWIFTLET_PRECISION_INT8;
  load_options.loading = SWIFTLET_LOADING_READ;
  load_options.gemm = SWIFTLET_GEMM_NATIVE;
  CHECK("int8 can be asked for",
        succeeds(swiftlet_classifier_load(model, &load_options, &none, &error), &error));
  CHECK("and answers", succeeds(swiftlet_classify(none, &good, 1, NULL, &result, &error), &error));
  swiftlet_classifications_free(result);
  swiftlet_classifier_free(none);
  check_bfloat16(model);
}

int main(int count, char **arguments) {
  swiftlet_classifier *classifier;
  if (count != 3) return 64;
  classifier = load(arguments[1]);
  check_answers(classifier);
  check_functions(classifier);
  check_long_texts(classifier);
  check_other_task(arguments[2]);
  check_pairs(arguments[2]);
  check_arguments(arguments[1], classifier);
  check_options(arguments[1], classifier);
  swiftlet_classifier_free(classifier);
  return report("classifier");
}
