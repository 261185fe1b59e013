/* Token classification, question answering, mask filling, zero-shot classification and multiple
 * choice: what the answers consist of, and what bad options and inputs return. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

static const char *heads;

/* The functions that every kind of model has; model is the folder of a fixture. */
#define CHECK_MODEL(kind, model, other)                                                            \
  static swiftlet_##kind *kind##_loaded(void) {                                                    \
    swiftlet_model_options options = SWIFTLET_MODEL_OPTIONS_INIT;                                  \
    swiftlet_##kind *handle = NULL;                                                                \
    swiftlet_tokenizer *tokenizer = NULL;                                                          \
    swiftlet_error *error = NULL;                                                                  \
    CHECK("a model of another task is refused",                                                    \
          fails(swiftlet_##kind##_load(below(heads, other), NULL, &handle, &error),                \
                SWIFTLET_UNSUPPORTED_MODEL, &error, "", -1) && handle == NULL);                    \
    options.normalization = 1;                                                                     \
    CHECK("a normalisation is refused",                                                            \
          fails(swiftlet_##kind##_load(below(heads, model), &options, &handle, &error),            \
                SWIFTLET_INVALID_OPTION, &error, "only embedders have one", -1));                  \
    CHECK("a pointer for the handle is needed",                                                    \
          fails(swiftlet_##kind##_load(below(heads, model), NULL, NULL, &error),                   \
                SWIFTLET_INVALID_ARGUMENT, &error, "is NULL", -1));                                \
    CHECK("a missing folder is an error",                                                          \
          fails(swiftlet_##kind##_load(below(heads, "missing"), NULL, &handle, &error),            \
                SWIFTLET_MISSING_FILE, &error, "missing", -1));                                    \
    options.normalization = 0;                                                                     \
    options.threads = 2;                                                                           \
    CHECK("a model loads",                                                                         \
          succeeds(swiftlet_##kind##_load(below(heads, model), &options, &handle, &error),         \
                   &error));                                                                       \
    CHECK("it has a maximum length", swiftlet_##kind##_max_length(handle) > 8);                    \
    CHECK("it has a tokenizer",                                                                    \
          succeeds(swiftlet_##kind##_tokenizer(handle, &tokenizer, &error), &error)                \
              && swiftlet_tokenizer_vocabulary_size(tokenizer) > 100);                             \
    CHECK("a handle of another type is refused",                                                   \
          fails(swiftlet_##kind##_tokenizer((swiftlet_##kind *)tokenizer, &tokenizer, &error),     \
                SWIFTLET_INVALID_ARGUMENT, &error, "another type", -1) && tokenizer == NULL);      \
    return handle;                                                                                 \
  }                                                                                                \
  static void kind##_free(swiftlet_##kind *handle) {                                               \
    swiftlet_tokenizer *tokenizer = NULL;                                                          \
    swiftlet_error *error = NULL;                                                                  \
    swiftlet_##kind##_free(handle);                                                                \
    swiftlet_##kind##_free(handle);                                                                \
    swiftlet_##kind##_free(NULL);                                                                  \
    CHECK("a freed handle has no length", swiftlet_##kind##_max_length(handle) == 0);              \
    CHECK("a freed handle is refused",                                                             \
          fails(swiftlet_##kind##_tokenizer(handle, &tokenizer, &error),                           \
                SWIFTLET_INVALID_ARGUMENT, &error, "not a live handle", -1));                      \
  }

CHECK_MODEL(token_classifier, "tokens", "choice")
CHECK_MODEL(question_answerer, "questions", "tokens")
CHECK_MODEL(mask_filler, "mask", "tokens")
CHECK_MODEL(zero_shot_classifier, "nli", "tokens")
CHECK_MODEL(multiple_choice, "choice", "tokens")

/* A text of count words. */
static const char *long_text(size_t count) {
  static char words[8 * 1024];
  size_t i;
  words[0] = 0;
  for (i = 0; i < count; i++) memcpy(words + 5 * i, "good ", 6);
  return words;
}

static void check_entities(void) {
  swiftlet_token_classification_options options = SWIFTLET_TOKEN_CLASSIFICATION_OPTIONS_INIT;
  swiftlet_token_classifier *classifier = token_classifier_loaded();
  swiftlet_entities *tokens = NULL, *groups = NULL;
  swiftlet_error *error = NULL;
  const char *ignored[] = { "PER" };
  swiftlet_text texts[2];
  size_t i;
  texts[0] = text("Na\xC3\xAFve good film, and Ada.");
  texts[1] = text("");

  CHECK("labels have names", swiftlet_token_classifier_label_count(classifier) > 2
        && strcmp(swiftlet_token_classifier_label(classifier, 0), "O") == 0
        && swiftlet_token_classifier_label(classifier, 1000) == NULL
        && swiftlet_token_classifier_label(NULL, 0) == NULL);
  options.keeps_all_labels = 1;
  CHECK("tokens have labels",
        succeeds(swiftlet_classify_tokens(classifier, texts, 2, &options, &tokens, &error), &error));
  CHECK("each text has its part of the entities",
        tokens->count == 2 && tokens->starts[0] == 0 && tokens->starts[1] > 8
        && tokens->starts[2] == tokens->starts[1]);
  for (i = 0; i < tokens->starts[2]; i++) {
    CHECK("offsets are inside the text, in order",
          tokens->begins[i] < tokens->ends[i] && tokens->ends[i] <= strlen(texts[0].bytes)
          && (i == 0 || tokens->begins[i] >= tokens->ends[i - 1]));
    CHECK("the letter of two bytes shifts byte offsets by one",
          tokens->begins[i] == tokens->code_point_begins[i] + (tokens->begins[i] > 3)
          && tokens->ends[i] == tokens->code_point_ends[i] + (tokens->ends[i] > 3));
    CHECK("a token has its index", tokens->token_indices[i] == (int64_t)i + 1);
    CHECK("a score is a probability", tokens->scores[i] > 0 && tokens->scores[i] <= 1);
    CHECK("a word has its length", strlen(tokens->words[i].bytes) == tokens->words[i].length);
  }
  CHECK("tokens are counted", tokens->token_counts[0] == tokens->starts[1] + 2
        && tokens->token_counts[1] == 2 && !tokens->truncated[0]);
  swiftlet_entities_free(tokens);

  options.keeps_all_labels = 0;
  options.aggregation = SWIFTLET_AGGREGATION_SIMPLE;
  options.ignored_labels = ignored;
  options.ignored_label_count = 1;
  CHECK("groups leave out a label",
        succeeds(swiftlet_classify_tokens(classifier, texts, 1, &options, &groups, &error), &error)
        && groups->starts[1] > 0);
  for (i = 0; i < groups->starts[1]; i++) {
    CHECK("groups have labels without prefix and no index",
          strchr(groups->labels[i], '-') == NULL && strcmp(groups->labels[i], "PER") != 0
          && groups->token_indices[i] == -1);
  }
  swiftlet_entities_free(groups);

  texts[1] = text(long_text(600));
  options.long_text = SWIFTLET_LONG_TEXT_ERROR;
  CHECK("a long text is an error if that is wanted",
        fails(swiftlet_classify_tokens(classifier, texts, 2, &options, &groups, &error),
              SWIFTLET_TEXT_TOO_LONG, &error, "", 1));
  options.long_text = SWIFTLET_LONG_TEXT_WINDOW;
  options.window_stride = 4;
  CHECK("windows read the whole of a long text",
        succeeds(swiftlet_classify_tokens(classifier, texts + 1, 1, &options, &groups, &error),
                 &error)
        && !groups->truncated[0] && groups->token_counts[0] == 602);
  swiftlet_entities_free(groups);
  options.aggregation = SWIFTLET_AGGREGATION_NONE;
  CHECK("windows need groups",
        fails(swiftlet_classify_tokens(classifier, texts, 1, &options, &groups, &error),
              SWIFTLET_INVALID_OPTION, &error, "needs an aggregation", -1));
  options.aggregation = 5;
  CHECK("an aggregation must exist",
        fails(swiftlet_classify_tokens(classifier, texts, 1, &options, &groups, &error),
              SWIFTLET_INVALID_OPTION, &error, "aggregation is 5", -1));
  options.aggregation = 1;
  options.keeps_all_labels = 1;
  CHECK("all labels and ignored ones contradict each other",
        fails(swiftlet_classify_tokens(classifier, texts, 1, &options, &groups, &error),
              SWIFTLET_INVALID_OPTION, &error, "ignored_labels is not NULL", -1));
  options.keeps_all_labels = 0;
  options.ignored_labels = NULL;
  CHECK("a count without labels is refused",
        fails(swiftlet_classify_tokens(classifier, texts, 1, &options, &groups, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "ignored_labels is NULL", -1));
  CHECK("a place for the result is needed",
        fails(swiftlet_classify_tokens(classifier, texts, 1, NULL, NULL, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "result is NULL", -1));
  CHECK("no texts have no entities",
        succeeds(swiftlet_classify_tokens(classifier, NULL, 0, NULL, &groups, &error), &error)
        && groups->count == 0 && groups->starts[0] == 0);
  swiftlet_entities_free(groups);
  swiftlet_entities_free(NULL);
  token_classifier_free(classifier);
}

static void check_answers(void) {
  swiftlet_question_options options = SWIFTLET_QUESTION_OPTIONS_INIT;
  swiftlet_question_answerer *answerer = question_answerer_loaded();
  swiftlet_answers *result = NULL;
  swiftlet_error *error = NULL;
  swiftlet_text questions[2], contexts[2];
  size_t i;
  questions[0] = questions[1] = text("Was it good?");
  contexts[0] = text("A good film.");
  contexts[1] = text("The plot was na\xC3\xAFve, but good.");

  options.top_k = 3;
  CHECK("questions have answers",
        succeeds(swiftlet_answer(answerer, questions, contexts, 2, &options, &result, &error),
                 &error)
        && result->count == 2 && result->starts[1] == 3 && result->starts[2] == 6);
  for (i = 0; i < result->starts[2]; i++) {
    const char *context = contexts[i / 3].bytes;
    CHECK("an answer is a span of its context",
          result->texts[i].length == result->ends[i] - result->begins[i]
          && memcmp(result->texts[i].bytes, context + result->begins[i],
                    result->texts[i].length) == 0);
    CHECK("the best answer is first", i % 3 == 0 || result->scores[i] <= result->scores[i - 1]);
  }
  CHECK("tokens and windows are counted",
        result->token_counts[0] > 8 && result->window_counts[0] == 1 && !result->truncated[0]);
  swiftlet_answers_free(result);

  options.max_length = 16;
  options.doc_stride = SWIFTLET_NO_OVERLAP;
  contexts[1] = text(long_text(100));
  CHECK("a long context has windows",
        succeeds(swiftlet_answer(answerer, questions, contexts, 2, &options, &result, &error),
                 &error)
        && result->window_counts[1] > 8);
  i = result->window_counts[1];
  swiftlet_answers_free(result);
  options.doc_stride = 4;
  CHECK("an overlap needs more windows",
        succeeds(swiftlet_answer(answerer, questions, contexts, 2, &options, &result, &error),
                 &error)
        && result->window_counts[1] > i);
  swiftlet_answers_free(result);
  options.max_question_length = 2;
  CHECK("a long question is truncated",
        succeeds(swiftlet_answer(answerer, questions, contexts, 1, &options, &result, &error),
                 &error)
        && result->truncated[0] == 1);
  swiftlet_answers_free(result);

  memset(&options, 0, sizeof options);
  options.size = sizeof options;
  options.top_k = 500;
  options.impossible_answers = 1;
  options.splits_words = 1;
  CHECK("there may be no answer",
        succeeds(swiftlet_answer(answerer, questions, contexts, 1, &options, &result, &error),
                 &error));
  for (i = 0; i < result->starts[1] && result->texts[i].length > 0; i++) continue;
  CHECK("it is the empty text",
        i < result->starts[1] && result->begins[i] == 0 && result->ends[i] == 0
        && result->texts[i].bytes[0] == 0);
  swiftlet_answers_free(result);

  options.impossible_answers = 2;
  CHECK("a flag is 0 or 1",
        fails(swiftlet_answer(answerer, questions, contexts, 1, &options, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "impossible_answers is 2", -1));
  options.impossible_answers = 0;
  options.reserved = 1;
  CHECK("a reserved field is 0",
        fails(swiftlet_answer(answerer, questions, contexts, 1, &options, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "reserved", -1));
  questions[1] = text("");
  CHECK("a question must not be empty",
        fails(swiftlet_answer(answerer, questions, contexts, 2, NULL, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "", 1));
  CHECK("contexts are needed",
        fails(swiftlet_answer(answerer, questions, NULL, 2, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "contexts is NULL", -1));
  question_answerer_free(answerer);
}

static void check_masks(void) {
  swiftlet_mask_options options = SWIFTLET_MASK_OPTIONS_INIT;
  swiftlet_mask_filler *filler = mask_filler_loaded();
  swiftlet_fillings *result = NULL;
  swiftlet_error *error = NULL;
  swiftlet_text texts[2], targets[2];
  size_t i;
  texts[0] = text("A [MASK] film [MASK].");
  texts[1] = text("A good [MASK].");
  targets[0] = text("film");
  targets[1] = text("bad");

  CHECK("masks have five candidates each",
        succeeds(swiftlet_fill_masks(filler, texts, 2, NULL, &result, &error), &error)
        && result->count == 2 && result->mask_starts[1] == 2 && result->mask_starts[2] == 3
        && result->candidate_starts[1] == 5 && result->candidate_starts[3] == 15);
  for (i = 0; i < 15; i++) {
    CHECK("a candidate has a token in a sequence",
          result->tokens[i].length > 0 && result->sequences[i].length > result->tokens[i].length
          && result->token_ids[i] >= 0);
    CHECK("the best candidate is first",
          i % 5 == 0 || result->scores[i] <= result->scores[i - 1]);
  }
  swiftlet_fillings_free(result);
  options.targets = targets;
  options.target_count = 2;
  CHECK("only targets are candidates",
        succeeds(swiftlet_fill_masks(filler, texts, 2, &options, &result, &error), &error)
        && result->candidate_starts[3] == 6);
  for (i = 0; i < 6; i++) {
    CHECK("a candidate is a target", strcmp(result->tokens[i].bytes, "film") == 0
          || strcmp(result->tokens[i].bytes, "bad") == 0);
  }
  swiftlet_fillings_free(result);
  texts[1] = text("A good film.");
  CHECK("a text without a mask is an error",
        fails(swiftlet_fill_masks(filler, texts, 2, NULL, &result, &error), SWIFTLET_NO_MASK, &error,
              "", 1));
  options.long_text = SWIFTLET_LONG_TEXT_WINDOW;
  CHECK("windows are refused",
        fails(swiftlet_fill_masks(filler, texts, 1, &options, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "mask filling", -1));
  options.long_text = 0;
  options.targets = NULL;
  CHECK("a count without targets is refused",
        fails(swiftlet_fill_masks(filler, texts, 1, &options, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "targets is NULL", -1));
  mask_filler_free(filler);
}

static void check_zero_shot(void) {
  swiftlet_zero_shot_options options = SWIFTLET_ZERO_SHOT_OPTIONS_INIT;
  swiftlet_zero_shot_classifier *classifier = zero_shot_classifier_loaded();
  swiftlet_zero_shot_classifications *result = NULL;
  swiftlet_error *error = NULL;
  swiftlet_text texts[2], labels[4];
  size_t i, label;
  texts[0] = text("A good film.");
  texts[1] = text("Boring.");
  labels[0] = text("good");
  labels[1] = text("bad");
  labels[2] = text("good");
  labels[3] = text("film");

  CHECK("texts are classified by labels",
        succeeds(swiftlet_classify_zero_shot(classifier, texts, 2, labels, 4, NULL, &result, &error),
                 &error)
        && result->count == 2 && result->label_count == 4);
  for (i = 0; i < 2; i++) {
    const float *scores = result->scores + 4 * i;
    const size_t *ranked = result->ranked + 4 * i;
    float sum = 0;
    for (label = 0; label < 4; label++) sum += scores[label];
    CHECK("scores add up to 1", fabsf(sum - 1) < 1e-5f);
    CHECK("equal labels have equal scores", memcmp(scores, scores + 2, sizeof(float)) == 0);
    CHECK("each label has one rank",
          ((1 << ranked[0]) | (1 << ranked[1]) | (1 << ranked[2]) | (1 << ranked[3])) == 15);
    for (label = 1; label < 4; label++) {
      CHECK("the best label is first", scores[ranked[label]] <= scores[ranked[label - 1]]);
    }
  }
  swiftlet_zero_shot_classifications_free(result);
  options.multi_label = 1;
  options.hypothesis_template = "It is {}.";
  CHECK("a template and independent scores",
        succeeds(swiftlet_classify_zero_shot(classifier, texts, 2, labels, 1, &options, &result,
                                             &error), &error)
        && result->scores[0] > 0 && result->scores[0] < 1);
  swiftlet_zero_shot_classifications_free(result);
  options.hypothesis_template = "It is {.";
  CHECK("a template must be valid",
        fails(swiftlet_classify_zero_shot(classifier, texts, 2, labels, 1, &options, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "", -1));
  CHECK("labels are needed",
        fails(swiftlet_classify_zero_shot(classifier, texts, 2, labels, 0, NULL, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "no labels", -1));
  labels[1].bytes = "\xFF";
  CHECK("a label must be UTF-8",
        fails(swiftlet_classify_zero_shot(classifier, texts, 2, labels, 4, NULL, &result, &error),
              SWIFTLET_INVALID_UTF8, &error, "labels[1]", 1));
  zero_shot_classifier_free(classifier);
}

static void check_choices(void) {
  swiftlet_choice_options options = SWIFTLET_CHOICE_OPTIONS_INIT;
  swiftlet_multiple_choice *model = multiple_choice_loaded();
  swiftlet_choice *result = NULL;
  swiftlet_error *error = NULL;
  swiftlet_text input = text("A good film."), choices[3];
  size_t i;
  choices[0] = text("It was not bad.");
  choices[1] = text("the best cat");
  choices[2] = text("");

  CHECK("a choice is made",
        succeeds(swiftlet_choose(model, &input, choices, 3, NULL, &result, &error), &error)
        && result->count == 3 && result->best < 3 && result->token_count > 8 && !result->truncated);
  for (i = 0; i < 3; i++) {
    CHECK("the best has the highest score and logit",
          result->scores[i] <= result->scores[result->best]
          && result->logits[i] <= result->logits[result->best]);
  }
  swiftlet_choice_free(result);
  choices[1] = text(long_text(600));
  CHECK("a long choice is truncated",
        succeeds(swiftlet_choose(model, &input, choices, 3, NULL, &result, &error), &error)
        && result->truncated == 1);
  swiftlet_choice_free(result);
  options.long_text = SWIFTLET_LONG_TEXT_ERROR;
  CHECK("or an error, which names the choice",
        fails(swiftlet_choose(model, &input, choices, 3, &options, &result, &error),
              SWIFTLET_TEXT_TOO_LONG, &error, "", 1));
  CHECK("choices are needed",
        fails(swiftlet_choose(model, &input, choices, 0, NULL, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "no choices", -1));
  CHECK("a text is needed",
        fails(swiftlet_choose(model, NULL, choices, 2, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "text is NULL", -1));
  multiple_choice_free(model);
}

int main(int count, char **arguments) {
  if (count != 2) return 64;
  heads = arguments[1];
  check_entities();
  check_answers();
  check_masks();
  check_zero_shot();
  check_choices();
  return report("tasks");
}
