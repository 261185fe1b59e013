/* How labels are selected from scores: ranks, thresholds, abstentions, prompts; the temperature that
 * fits; and streams of texts. */
#include "check.h"

#include <stdlib.h>

enum { TEXTS = 10 };

static const char *sentences[TEXTS] = {
  "A film of rare warmth.", "Dreadful.", "", "It grows on you.", "Thin plot, thinner acting.",
  "I could not look away.", "Never again.", "Na\xC3\xAFve but charming.", "Boring.", "The best of all."
};

static swiftlet_classifier *classifier = NULL;
static swiftlet_classifications *expected = NULL;

static void check_selection(void) {
  swiftlet_classification_options options = SWIFTLET_CLASSIFICATION_OPTIONS_INIT;
  swiftlet_classifications *result = NULL;
  swiftlet_error *error = NULL;
  float thresholds[2] = { 0.9f, 0.1f };
  float not_a_number = 0;
  swiftlet_text texts[TEXTS];
  size_t i;
  for (i = 0; i < TEXTS; i++) texts[i] = text(sentences[i]);

  CHECK("texts are classified",
        succeeds(swiftlet_classify(classifier, texts, TEXTS, NULL, &expected, &error), &error));
  CHECK("all labels are ranked", expected->ranked_count == 2);
  for (i = 0; i < TEXTS; i++) {
    const float *scores = expected->scores + 2 * i;
    const size_t *ranked = expected->ranked + 2 * i;
    const uint8_t *accepted = expected->accepted + 2 * i;
    CHECK("ranks begin with the best", ranked[0] == expected->best[i] && ranked[0] + ranked[1] == 1);
    CHECK("0.5 accepts", accepted[0] == (scores[0] >= 0.5f) && accepted[1] == (scores[1] >= 0.5f));
    CHECK("every best label is decided", expected->decided[i] == 1);
  }
  options.top_k = 1;
  options.minimum_score = 0.9f;
  options.label_thresholds = thresholds;
  options.label_threshold_count = 2;
  CHECK("scores are selected",
        succeeds(swiftlet_classify(classifier, texts, TEXTS, &options, &result, &error), &error)
        && result->ranked_count == 1);
  for (i = 0; i < TEXTS; i++) {
    const float *scores = result->scores + 2 * i;
    CHECK("scores stay", memcmp(scores, expected->scores + 2 * i, 2 * sizeof(float)) == 0);
    CHECK("one label is ranked", result->ranked[i] == result->best[i]);
    CHECK("each label has its threshold",
          result->accepted[2 * i] == (scores[0] >= 0.9f)
          && result->accepted[2 * i + 1] == (scores[1] >= 0.1f));
    CHECK("low scores are not decided",
          result->decided[i] == (scores[result->best[i]] >= 0.9f));
  }
  swiftlet_classifications_free(result);
  options.label_threshold_count = 3;
  CHECK("each label needs its threshold",
        fails(swiftlet_classify(classifier, texts, 1, &options, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "the model has 2 labels", -1));
  options.label_thresholds = NULL;
  CHECK("a count without thresholds is refused",
        fails(swiftlet_classify(classifier, texts, 1, &options, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "label_thresholds is NULL", -1));
  options.label_threshold_count = 0;
  options.threshold = not_a_number / not_a_number;
  CHECK("a threshold is a number",
        fails(swiftlet_classify(classifier, texts, 1, &options, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "threshold is NaN", -1));
  options.threshold = 0;
  options.prompt = "Review: ";
  CHECK("a prompt needs its kind",
        fails(swiftlet_classify(classifier, texts, 1, &options, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "prompt must be NULL", -1));
  options.prompt_kind = SWIFTLET_PROMPT_TEXT;
  CHECK("a prompt changes the answer",
        succeeds(swiftlet_classify(classifier, texts, 1, &options, &result, &error), &error)
        && memcmp(result->logits, expected->logits, sizeof(float)) != 0
        && result->token_counts[0] > expected->token_counts[0]);
  swiftlet_classifications_free(result);
  options.prompt_kind = SWIFTLET_PROMPT_NAMED;
  CHECK("a prompt must be there",
        fails(swiftlet_classify(classifier, texts, 1, &options, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "no prompt", -1));
}

/* The options of a program that was compiled against the first header. */
static void check_old_options(void) {
  swiftlet_classification_options options = SWIFTLET_CLASSIFICATION_OPTIONS_INIT;
  swiftlet_classifications *result = NULL;
  swiftlet_error *error = NULL;
  swiftlet_text input = text(sentences[0]);
  options.size = 32;
  options.top_k = 1;
  options.minimum_score = 2;
  CHECK("fields beyond the size are not read",
        succeeds(swiftlet_classify(classifier, &input, 1, &options, &result, &error), &error)
        && result->ranked_count == 2 && result->decided[0] == 1);
  swiftlet_classifications_free(result);
}

static void check_temperature(void) {
  swiftlet_error *error = NULL;
  size_t labels[TEXTS];
  float temperature = 0;
  size_t i;
  for (i = 0; i < TEXTS; i++) labels[i] = expected->best[i];
  CHECK("labels that are all right have the lowest temperature",
        succeeds(swiftlet_fit_temperature(expected->logits, labels, TEXTS, 2, &temperature, &error),
                 &error)
        && temperature > 0.04f && temperature < 0.06f);
  labels[0] = 1 - labels[0];
  labels[1] = 1 - labels[1];
  CHECK("wrong labels have a higher one",
        succeeds(swiftlet_fit_temperature(expected->logits, labels, TEXTS, 2, &temperature, &error),
                 &error)
        && temperature > 1);
  labels[0] = 2;
  temperature = 7;
  CHECK("a label must exist",
        fails(swiftlet_fit_temperature(expected->logits, labels, TEXTS, 2, &temperature, &error),
              SWIFTLET_INVALID_OPTION, &error, "valid label", -1) && temperature == 7);
  CHECK("examples are needed",
        fails(swiftlet_fit_temperature(NULL, NULL, 0, 2, &temperature, &error),
              SWIFTLET_INVALID_OPTION, &error, "at least one example", -1));
  CHECK("a number of labels is needed",
        fails(swiftlet_fit_temperature(expected->logits, labels, 1, (size_t)-1, &temperature, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "label_count", -1));
}

/* ---- streams ---- */

typedef struct state {
  size_t next;       /* texts that source returned */
  size_t count;      /* texts that source has */
  size_t answered;   /* texts that sink received */
  size_t wrong;      /* answers that differ from those of one batch, or come out of order */
  size_t largest;    /* texts of the largest batch */
  int32_t at_end;    /* what source returns after the texts */
  int32_t from_sink; /* what sink returns */
  size_t invalid;    /* the index of a text that is not UTF-8; or TEXTS */
} state;

static int32_t next_text(void *context, swiftlet_text *input) {
  static char copy[4096]; /* valid until the next call only */
  state *stream = context;
  if (stream->next == stream->count) return stream->at_end;
  memset(copy, '!', sizeof copy);
  strcpy(copy, sentences[stream->next % TEXTS]);
  if (stream->next == stream->invalid) strcpy(copy, "\xC3");
  *input = text(copy);
  stream->next++;
  return 1;
}

static int32_t receive(void *context, const swiftlet_classifications *answers, size_t first) {
  state *stream = context;
  size_t i;
  stream->wrong += first != stream->answered;
  for (i = 0; i < answers->count; i++) {
    stream->wrong += memcmp(answers->logits + 2 * i, expected->logits + 2 * ((first + i) % TEXTS),
                            2 * sizeof(float)) != 0;
  }
  stream->answered += answers->count;
  if (answers->count > stream->largest) stream->largest = answers->count;
  return stream->from_sink;
}

static int32_t receive_and_classify(
    void *context, const swiftlet_classifications *answers, size_t first) {
  swiftlet_text input = text(sentences[0]);
  float logits[2];
  if (swiftlet_logits(classifier, &input, 1, NULL, logits, 2, NULL) != SWIFTLET_OK) return 1;
  return receive(context, answers, first);
}

static state a_stream(size_t count) {
  state stream;
  memset(&stream, 0, sizeof stream);
  stream.count = count;
  stream.invalid = (size_t)-1;
  return stream;
}

static void check_streams(void) {
  swiftlet_classification_options options = SWIFTLET_CLASSIFICATION_OPTIONS_INIT;
  swiftlet_error *error = NULL;
  state stream = a_stream(47);
  static char long_sentence[4096];
  size_t i;

#define STREAM(batch) \
  swiftlet_classify_stream(classifier, next_text, receive, &stream, batch, NULL, &error)
  CHECK("a stream is answered in order, in batches",
        succeeds(STREAM(10), &error) && stream.answered == 47 && stream.wrong == 0
        && stream.largest == 10);
  stream = a_stream(0);
  CHECK("an empty stream has no answers", succeeds(STREAM(0), &error) && stream.answered == 0);
  stream = a_stream(30);
  CHECK("a sink may call the library",
        succeeds(swiftlet_classify_stream(classifier, next_text, receive_and_classify, &stream, 7,
                                          NULL, &error), &error)
        && stream.answered == 30 && stream.wrong == 0);
  stream = a_stream(5);
  stream.at_end = -3;
  CHECK("a source cancels",
        fails(STREAM(2), SWIFTLET_CANCELLED, &error, "source returned -3", -1)
        && stream.answered == 4);
  stream = a_stream(5);
  stream.at_end = 2;
  CHECK("a source returns 1, 0 or less",
        fails(STREAM(2), SWIFTLET_INVALID_ARGUMENT, &error, "source returned 2", -1));
  stream = a_stream(50);
  stream.from_sink = 1;
  CHECK("a sink cancels",
        fails(STREAM(10), SWIFTLET_CANCELLED, &error, "sink returned 1", -1)
        && stream.answered == 10 && stream.next == 10);
  stream = a_stream(50);
  stream.invalid = 23;
  CHECK("the texts before one that is not UTF-8 are answered",
        fails(STREAM(10), SWIFTLET_INVALID_UTF8, &error, "text 24 of the stream", 23)
        && stream.answered == 23 && stream.wrong == 0);
  CHECK("functions are needed",
        fails(swiftlet_classify_stream(classifier, NULL, receive, NULL, 1, NULL, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "source is NULL", -1)
        && fails(swiftlet_classify_stream(classifier, next_text, NULL, NULL, 1, NULL, &error),
                 SWIFTLET_INVALID_ARGUMENT, &error, "sink is NULL", -1));
  CHECK("a batch has a size",
        fails(STREAM((size_t)-1), SWIFTLET_INVALID_ARGUMENT, &error, "batch_size is 1844674", -1));

  for (i = 0; i < 600; i++) memcpy(long_sentence + 5 * i, "good ", 6);
  sentences[6] = long_sentence;
  options.long_text = SWIFTLET_LONG_TEXT_ERROR;
  stream = a_stream(10);
  CHECK("the texts before one that is too long are answered",
        fails(swiftlet_classify_stream(classifier, next_text, receive, &stream, 4, &options, &error),
              SWIFTLET_TEXT_TOO_LONG, &error, "text 7", 6)
        && stream.answered == 6 && stream.wrong == 0);
}

static void check_bundled(void) {
  swiftlet_error *error = NULL;
  char *directory = NULL;
  CHECK("the library finds the model that was installed with it",
        succeeds(swiftlet_bundled_model("sentiment", &directory, &error), &error)
        && strstr(directory, "sentiment") != NULL);
  CHECK("the model loads",
        succeeds(swiftlet_classifier_load(directory, NULL, &classifier, &error), &error)
        && strcmp(swiftlet_classifier_label(classifier, 1), "POSITIVE") == 0);
  swiftlet_string_free(directory);
  CHECK("other models are not there",
        fails(swiftlet_bundled_model("poems", &directory, &error), SWIFTLET_INVALID_OPTION, &error,
              "it has \"sentiment\"", -1) && directory == NULL);
}

int main(int count, char **arguments) {
  (void)arguments;
  if (count != 1) return 64;
  check_bundled();
  check_selection();
  check_old_options();
  check_temperature();
  check_streams();
  swiftlet_classifications_free(expected);
  swiftlet_classifier_free(classifier);
  return report("selection");
}
