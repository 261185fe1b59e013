/* Prints a line for each answer to the texts on standard input, to be compared with the command
 * line's. Each line: the text's number, then the fields, separated by tabs. */
#include "check.h"

#include <stdlib.h>

enum { TEXTS = 64 };
static swiftlet_text texts[TEXTS];
static swiftlet_error *error = NULL;

static void print_entities(const char *folder, size_t count) {
  swiftlet_token_classification_options options = SWIFTLET_TOKEN_CLASSIFICATION_OPTIONS_INIT;
  swiftlet_token_classifier *classifier = NULL;
  swiftlet_entities *result = NULL;
  size_t i, k;
  options.aggregation = SWIFTLET_AGGREGATION_AVERAGE;
  if (swiftlet_token_classifier_load(folder, NULL, &classifier, &error) != SWIFTLET_OK
      || swiftlet_classify_tokens(classifier, texts, count, &options, &result, &error))
    return;
  for (i = 0; i < count; i++) {
    for (k = result->starts[i]; k < result->starts[i + 1]; k++) {
      printf("%zu\t%s\t%.9g\t%s\t%zu\t%zu\n", i, result->labels[k], result->scores[k],
             result->words[k].bytes, result->code_point_begins[k], result->code_point_ends[k]);
    }
  }
  swiftlet_entities_free(result);
  swiftlet_token_classifier_free(classifier);
}

static void print_answers(const char *folder, size_t count) {
  swiftlet_question_options options = SWIFTLET_QUESTION_OPTIONS_INIT;
  swiftlet_question_answerer *answerer = NULL;
  swiftlet_answers *result = NULL;
  swiftlet_text questions[TEXTS];
  size_t i, k;
  for (i = 0; i < count; i++) questions[i] = text("Was it good?");
  options.top_k = 3;
  if (swiftlet_question_answerer_load(folder, NULL, &answerer, &error) != SWIFTLET_OK
      || swiftlet_answer(answerer, questions, texts, count, &options, &result, &error))
    return;
  for (i = 0; i < count; i++) {
    for (k = result->starts[i]; k < result->starts[i + 1]; k++) {
      printf("%zu\t%s\t%.9g\t%zu\t%zu\n", i, result->texts[k].bytes, result->scores[k],
             result->code_point_begins[k], result->code_point_ends[k]);
    }
  }
  swiftlet_answers_free(result);
  swiftlet_question_answerer_free(answerer);
}

static void print_fillings(const char *folder, size_t count) {
  swiftlet_mask_options options = SWIFTLET_MASK_OPTIONS_INIT;
  swiftlet_mask_filler *filler = NULL;
  swiftlet_fillings *result = NULL;
  size_t i, mask, k;
  options.top_k = 3;
  if (swiftlet_mask_filler_load(folder, NULL, &filler, &error) != SWIFTLET_OK
      || swiftlet_fill_masks(filler, texts, count, &options, &result, &error))
    return;
  for (i = 0; i < count; i++) {
    for (mask = result->mask_starts[i]; mask < result->mask_starts[i + 1]; mask++) {
      for (k = result->candidate_starts[mask]; k < result->candidate_starts[mask + 1]; k++) {
        printf("%zu\t%s\t%d\t%.9g\t%s\n", i, result->tokens[k].bytes, (int)result->token_ids[k],
               result->scores[k], result->sequences[k].bytes);
      }
    }
  }
  swiftlet_fillings_free(result);
  swiftlet_mask_filler_free(filler);
}

static void print_zero_shot(const char *folder, size_t count) {
  static const char *names[3] = { "good", "bad", "film" };
  swiftlet_zero_shot_options options = SWIFTLET_ZERO_SHOT_OPTIONS_INIT;
  swiftlet_zero_shot_classifier *classifier = NULL;
  swiftlet_zero_shot_classifications *result = NULL;
  swiftlet_text labels[3];
  size_t i, k;
  for (i = 0; i < 3; i++) labels[i] = text(names[i]);
  options.multi_label = 1;
  options.hypothesis_template = "It is {}.";
  if (swiftlet_zero_shot_classifier_load(folder, NULL, &classifier, &error) != SWIFTLET_OK
      || swiftlet_classify_zero_shot(classifier, texts, count, labels, 3, &options, &result, &error))
    return;
  for (i = 0; i < count; i++) {
    for (k = 0; k < 3; k++) {
      size_t label = result->ranked[3 * i + k];
      printf("%zu\t%s\t%.9g\n", i, names[label], result->scores[3 * i + label]);
    }
  }
  swiftlet_zero_shot_classifications_free(result);
  swiftlet_zero_shot_classifier_free(classifier);
}

static void print_choices(const char *folder, size_t count) {
  swiftlet_multiple_choice *model = NULL;
  swiftlet_text choices[2];
  size_t i, k;
  choices[0] = text("It was not bad.");
  choices[1] = text("the best cat");
  if (swiftlet_multiple_choice_load(folder, NULL, &model, &error) != SWIFTLET_OK) return;
  for (i = 0; i < count; i++) {
    swiftlet_choice *result = NULL;
    if (swiftlet_choose(model, &texts[i], choices, 2, NULL, &result, &error) != SWIFTLET_OK) return;
    for (k = 0; k < 2; k++) printf("%zu\t%zu\t%.9g\n", i, result->best, result->scores[k]);
    swiftlet_choice_free(result);
  }
  swiftlet_multiple_choice_free(model);
}

int main(int count, char **arguments) {
  static char lines[TEXTS][1024];
  size_t read = 0;
  const char *task;
  if (count != 3) return 64;
  while (read < TEXTS && fgets(lines[read], sizeof lines[read], stdin) != NULL) {
    lines[read][strcspn(lines[read], "\n")] = 0;
    texts[read] = text(lines[read]);
    read++;
  }
  task = arguments[1];
  if (strcmp(task, "tag") == 0) print_entities(arguments[2], read);
  if (strcmp(task, "answer") == 0) print_answers(arguments[2], read);
  if (strcmp(task, "fill-mask") == 0) print_fillings(arguments[2], read);
  if (strcmp(task, "zero-shot") == 0) print_zero_shot(arguments[2], read);
  if (strcmp(task, "choose") == 0) print_choices(arguments[2], read);
  if (error != NULL) {
    fprintf(stderr, "%s\n", swiftlet_error_message(error));
    return 1;
  }
  return 0;
}
