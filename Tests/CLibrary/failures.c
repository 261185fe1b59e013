/* Models that cannot be loaded, handles that were freed, and forked processes. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static swiftlet_error *error = NULL;

static void check_models(const char *broken) {
  swiftlet_classifier *classifier = NULL;
  swiftlet_embedder *embedder = NULL;
  swiftlet_tokenizer *tokenizer = NULL;
  CHECK("a folder must be there",
        fails(swiftlet_classifier_load("/nonexistent", NULL, &classifier, &error),
              SWIFTLET_MISSING_FILE, &error, "/nonexistent", -1));
  CHECK("for embedders too",
        fails(swiftlet_embedder_load("/nonexistent", NULL, &embedder, &error),
              SWIFTLET_MISSING_FILE, &error, "/nonexistent", -1));
  CHECK("an empty name is no folder",
        swiftlet_classifier_load("", NULL, &classifier, NULL) == SWIFTLET_MISSING_FILE);
  CHECK("weights must be there",
        fails(swiftlet_classifier_load(below(broken, "no-weights"), NULL, &classifier, &error),
              SWIFTLET_MISSING_FILE, &error, "model.safetensors", -1));
  CHECK("a configuration must be JSON",
        fails(swiftlet_classifier_load(below(broken, "invalid"), NULL, &classifier, &error),
              SWIFTLET_INVALID_MODEL, &error, "config.json", -1));
  CHECK("a vocabulary must be one",
        fails(swiftlet_tokenizer_load(below(broken, "invalid-vocabulary"), &tokenizer, &error),
              SWIFTLET_INVALID_MODEL, &error, "vocab.txt", -1));
  CHECK("weights must be whole",
        fails(swiftlet_classifier_load(below(broken, "cut-weights"), NULL, &classifier, &error),
              SWIFTLET_INVALID_MODEL, &error, "model.safetensors", -1));
  CHECK("other kinds are named",
        fails(swiftlet_classifier_load(below(broken, "unsupported"), NULL, &classifier, &error),
              SWIFTLET_UNSUPPORTED_MODEL, &error, "gpt2", -1));
  CHECK("nothing was made", classifier == NULL && embedder == NULL && tokenizer == NULL);
}

/* Loads a model, runs it on a text or a pair, and returns the error. */
static int answers_with(
    const char *model, const char *first, const char *second, swiftlet_status expected,
    const char *part) {
  swiftlet_classifier *classifier = NULL;
  swiftlet_classifications *result = NULL;
  swiftlet_text texts[2], pairs[2];
  swiftlet_status status;
  int holds;
  if (!succeeds(swiftlet_classifier_load(model, NULL, &classifier, &error), &error)) return 0;
  texts[0] = text("fine");
  pairs[0] = text("");
  texts[1] = text(first);
  if (second == NULL) {
    status = swiftlet_classify(classifier, texts, 2, NULL, &result, &error);
  } else {
    pairs[1] = text(second);
    status = swiftlet_classify_pairs(classifier, texts + 1, pairs + 1, 1, NULL, &result, &error);
  }
  holds = fails(status, expected, &error, part, second == NULL ? 1 : 0) && result == NULL;
  swiftlet_classifier_free(classifier);
  return holds;
}

static void check_texts(const char *broken) {
  CHECK("a token without an embedding is refused",
        answers_with(below(broken, "unknown-token"), "a zebra", NULL, SWIFTLET_UNKNOWN_TOKEN,
                     "165 embeddings"));
  CHECK("a token type without an embedding is refused",
        answers_with(below(broken, "one-type"), "one", "two", SWIFTLET_UNKNOWN_TOKEN_TYPE,
                     "type_vocab_size"));
  CHECK("a text without tokens is refused",
        answers_with(below(broken, "no-special-tokens"), "", NULL, SWIFTLET_NO_TOKENS,
                     "no tokens"));
}

static void check_handles(const char *model) {
  swiftlet_classifier *classifier = NULL, *second = NULL;
  swiftlet_tokenizer *tokenizer = NULL;
  swiftlet_classifications *result = NULL;
  swiftlet_text input = text("fine");
  CHECK("a model loads",
        succeeds(swiftlet_classifier_load(model, NULL, &classifier, &error), &error)
            && succeeds(swiftlet_classifier_tokenizer(classifier, &tokenizer, &error), &error));
  CHECK("a handle has a type",
        fails(swiftlet_classify((swiftlet_classifier *)tokenizer, &input, 1, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "another type", -1));
  swiftlet_tokenizer_free((swiftlet_tokenizer *)classifier);
  CHECK("and is freed by its own function", swiftlet_classifier_label_count(classifier) == 2);
  CHECK("an address is no handle",
        fails(swiftlet_classify((swiftlet_classifier *)&input, &input, 1, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "not a live handle", -1));
  swiftlet_classifier_free(classifier);
  swiftlet_classifier_free(classifier);
  swiftlet_tokenizer_free(tokenizer);
  swiftlet_tokenizer_free(tokenizer);
  CHECK("a freed handle is refused",
        fails(swiftlet_classify(classifier, &input, 1, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "freed", -1));
  CHECK("it has no labels", swiftlet_classifier_label_count(classifier) == 0
        && swiftlet_classifier_label(classifier, 0) == NULL
        && swiftlet_classifier_max_length(classifier) == 0);
  CHECK("and a freed tokenizer no vocabulary",
        swiftlet_tokenizer_vocabulary_size(tokenizer) == 0);
  CHECK("a new handle is another one",
        succeeds(swiftlet_classifier_load(model, NULL, &second, &error), &error)
            && second != classifier);
  swiftlet_classifier_free(classifier);
  CHECK("that an old one does not free", swiftlet_classifier_label_count(second) == 2);
  swiftlet_classifier_free(second);
}

static void check_null(void) {
  swiftlet_classifier_free(NULL);
  swiftlet_embedder_free(NULL);
  swiftlet_tokenizer_free(NULL);
  swiftlet_classifications_free(NULL);
  swiftlet_embeddings_free(NULL);
  swiftlet_tokens_free(NULL);
  swiftlet_string_free(NULL);
  swiftlet_error_free(NULL);
  CHECK("NULL has no labels", swiftlet_classifier_label_count(NULL) == 0
        && swiftlet_classifier_label(NULL, 0) == NULL
        && swiftlet_classifier_max_length(NULL) == 0);
  CHECK("NULL has no dimension", swiftlet_embedder_dimension(NULL) == 0
        && swiftlet_embedder_max_length(NULL) == 0);
  CHECK("NULL has no vocabulary", swiftlet_tokenizer_vocabulary_size(NULL) == 0);
  CHECK("NULL is no error", swiftlet_error_status(NULL) == SWIFTLET_OK
        && strcmp(swiftlet_error_message(NULL), "") == 0
        && swiftlet_error_text_index(NULL) == -1);
}

/* What a child may do: be refused, load its own model, and free what is not its own. */
static int child(const char *model, swiftlet_classifier *parents) {
  swiftlet_model_options options = SWIFTLET_MODEL_OPTIONS_INIT;
  swiftlet_classifier *own = NULL;
  swiftlet_classifications *result = NULL;
  swiftlet_text input = text("fine");
  options.threads = 2;
  if (!fails(swiftlet_classify(parents, &input, 1, NULL, &result, &error), SWIFTLET_ENGINE, &error,
             "after the fork", -1)) return 1;
  if (!succeeds(swiftlet_classifier_load(model, &options, &own, &error), &error)) return 2;
  if (!succeeds(swiftlet_classify(own, &input, 1, NULL, &result, &error), &error)) return 3;
  swiftlet_classifications_free(result);
  swiftlet_classifier_free(own);
  swiftlet_classifier_free(parents);
  return 0;
}

static void check_fork(const char *model) {
  swiftlet_model_options options = SWIFTLET_MODEL_OPTIONS_INIT;
  swiftlet_classifier *classifier = NULL;
  swiftlet_classifications *result = NULL;
  swiftlet_text input = text("fine");
  pid_t process;
  int status = -1;
  options.threads = 2;
  CHECK("a model loads",
        succeeds(swiftlet_classifier_load(model, &options, &classifier, &error), &error));
  fflush(NULL);
  process = fork();
  if (process == 0) _exit(child(model, classifier));
  CHECK("a child ends well",
        process > 0 && waitpid(process, &status, 0) == process && WIFEXITED(status)
            && WEXITSTATUS(status) == 0);
  CHECK("the parent goes on",
        succeeds(swiftlet_classify(classifier, &input, 1, NULL, &result, &error), &error));
  swiftlet_classifications_free(result);
  swiftlet_classifier_free(classifier);
}

/* What SWIFTLET_ISA, in the environment from the start, has as its consequence. */
static int check_engine(const char *model, const char *instruction_set) {
  swiftlet_model_options options = SWIFTLET_MODEL_OPTIONS_INIT;
  swiftlet_classifier *classifier = NULL;
  if (strcmp(instruction_set, "baseline") == 0) {
    options.precision = SWIFTLET_PRECISION_BFLOAT16;
    CHECK("bfloat16 needs its instruction",
          fails(swiftlet_classifier_load(model, &options, &classifier, &error), SWIFTLET_ENGINE,
                &error, "AVX512_BF16", -1)
            && swiftlet_precision_supported(SWIFTLET_PRECISION_BFLOAT16) == 0);
    CHECK("the other precisions are there",
          swiftlet_precision_supported(SWIFTLET_PRECISION_AUTOMATIC) == 1
          && swiftlet_precision_supported(SWIFTLET_PRECISION_FLOAT32) == 1
          && swiftlet_precision_supported(SWIFTLET_PRECISION_INT8) == 1);
    CHECK("other numbers are no precisions",
          swiftlet_precision_supported(4) == 0 && swiftlet_precision_supported(-1) == 0);
    return report("failures (bfloat16)");
  }
  CHECK("kernels must be there",
        fails(swiftlet_classifier_load(model, NULL, &classifier, &error), SWIFTLET_ENGINE, &error,
              "SWIFTLET_ISA", -1)
        && swiftlet_precision_supported(SWIFTLET_PRECISION_AUTOMATIC) == 0
        && swiftlet_precision_supported(SWIFTLET_PRECISION_FLOAT32) == 0);
  return report("failures (engine)");
}

int main(int count, char **arguments) {
  const char *instruction_set;
  if (count != 3) return 64;
  instruction_set = getenv("SWIFTLET_ISA");
  if (instruction_set != NULL) return check_engine(arguments[1], instruction_set);
  check_models(arguments[2]);
  check_texts(arguments[2]);
  check_handles(arguments[1]);
  check_null();
  check_fork(arguments[1]);
  return report("failures");
}
