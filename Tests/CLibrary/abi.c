/* The layout that programs are compiled against. A number that changes here breaks them: then
 * SWIFTLET_ABI_VERSION has to change too. */
#include "check.h"

#include <stddef.h>

#define OFFSET(type, field, bytes) \
  CHECK(#type "." #field " stays where it is", offsetof(type, field) == (bytes))

static void check_structs(void) {
  CHECK("a text has 16 bytes", sizeof(swiftlet_text) == 16);
  CHECK("model options have 32 bytes", sizeof(swiftlet_model_options) == 32);
  CHECK("classification options have 72 bytes", sizeof(swiftlet_classification_options) == 72);
  CHECK("embedding options have 32 bytes", sizeof(swiftlet_embedding_options) == 32);
  CHECK("tokenization options have 16 bytes", sizeof(swiftlet_tokenization_options) == 16);
  OFFSET(swiftlet_text, length, 8);
  OFFSET(swiftlet_model_options, precision, 8);
  OFFSET(swiftlet_model_options, gemm, 12);
  OFFSET(swiftlet_model_options, loading, 16);
  OFFSET(swiftlet_model_options, threads, 20);
  OFFSET(swiftlet_model_options, normalization, 24);
  OFFSET(swiftlet_model_options, allow_other_task, 28);
  OFFSET(swiftlet_classification_options, function, 8);
  OFFSET(swiftlet_classification_options, long_text, 12);
  OFFSET(swiftlet_classification_options, window_stride, 16);
  OFFSET(swiftlet_classification_options, window_pooling, 20);
  OFFSET(swiftlet_classification_options, temperature, 24);
  OFFSET(swiftlet_classification_options, reserved, 28);
  OFFSET(swiftlet_classification_options, top_k, 32);
  OFFSET(swiftlet_classification_options, minimum_score, 36);
  OFFSET(swiftlet_classification_options, threshold, 40);
  OFFSET(swiftlet_classification_options, prompt_kind, 44);
  OFFSET(swiftlet_classification_options, prompt, 48);
  OFFSET(swiftlet_classification_options, label_thresholds, 56);
  OFFSET(swiftlet_classification_options, label_threshold_count, 64);
  OFFSET(swiftlet_embedding_options, long_text, 8);
  OFFSET(swiftlet_embedding_options, prompt_kind, 12);
  OFFSET(swiftlet_embedding_options, prompt, 16);
  OFFSET(swiftlet_embedding_options, role, 24);
  OFFSET(swiftlet_tokenization_options, max_length, 8);
  OFFSET(swiftlet_tokenization_options, no_special_tokens, 12);
  OFFSET(swiftlet_classifications, label_count, 8);
  OFFSET(swiftlet_classifications, scores, 16);
  OFFSET(swiftlet_classifications, logits, 24);
  OFFSET(swiftlet_classifications, best, 32);
  OFFSET(swiftlet_classifications, token_counts, 40);
  OFFSET(swiftlet_classifications, truncated, 48);
  OFFSET(swiftlet_classifications, ranked_count, 56);
  OFFSET(swiftlet_classifications, ranked, 64);
  OFFSET(swiftlet_classifications, accepted, 72);
  OFFSET(swiftlet_classifications, decided, 80);
  OFFSET(swiftlet_embeddings, vectors, 16);
  OFFSET(swiftlet_embeddings, token_counts, 24);
  OFFSET(swiftlet_embeddings, truncated, 32);
  OFFSET(swiftlet_tokens, ids, 8);
  OFFSET(swiftlet_tokens, type_ids, 16);
  OFFSET(swiftlet_tokens, begins, 24);
  OFFSET(swiftlet_tokens, ends, 32);
  OFFSET(swiftlet_tokens, special, 40);
  OFFSET(swiftlet_tokens, untruncated_count, 48);
}

static void check_task_structs(void) {
  CHECK("token classification options have 40 bytes",
        sizeof(swiftlet_token_classification_options) == 40);
  CHECK("question options have 40 bytes", sizeof(swiftlet_question_options) == 40);
  CHECK("mask options have 32 bytes", sizeof(swiftlet_mask_options) == 32);
  CHECK("zero-shot options have 24 bytes", sizeof(swiftlet_zero_shot_options) == 24);
  CHECK("choice options have 16 bytes", sizeof(swiftlet_choice_options) == 16);
  OFFSET(swiftlet_token_classification_options, aggregation, 8);
  OFFSET(swiftlet_token_classification_options, long_text, 12);
  OFFSET(swiftlet_token_classification_options, window_stride, 16);
  OFFSET(swiftlet_token_classification_options, keeps_all_labels, 20);
  OFFSET(swiftlet_token_classification_options, ignored_labels, 24);
  OFFSET(swiftlet_token_classification_options, ignored_label_count, 32);
  OFFSET(swiftlet_question_options, top_k, 8);
  OFFSET(swiftlet_question_options, max_answer_length, 12);
  OFFSET(swiftlet_question_options, max_length, 16);
  OFFSET(swiftlet_question_options, max_question_length, 20);
  OFFSET(swiftlet_question_options, doc_stride, 24);
  OFFSET(swiftlet_question_options, impossible_answers, 28);
  OFFSET(swiftlet_question_options, splits_words, 32);
  OFFSET(swiftlet_mask_options, top_k, 8);
  OFFSET(swiftlet_mask_options, long_text, 12);
  OFFSET(swiftlet_mask_options, targets, 16);
  OFFSET(swiftlet_mask_options, target_count, 24);
  OFFSET(swiftlet_zero_shot_options, hypothesis_template, 8);
  OFFSET(swiftlet_zero_shot_options, multi_label, 16);
  OFFSET(swiftlet_zero_shot_options, long_text, 20);
  OFFSET(swiftlet_choice_options, long_text, 8);
  OFFSET(swiftlet_entities, starts, 8);
  OFFSET(swiftlet_entities, labels, 16);
  OFFSET(swiftlet_entities, scores, 24);
  OFFSET(swiftlet_entities, words, 32);
  OFFSET(swiftlet_entities, begins, 40);
  OFFSET(swiftlet_entities, ends, 48);
  OFFSET(swiftlet_entities, code_point_begins, 56);
  OFFSET(swiftlet_entities, code_point_ends, 64);
  OFFSET(swiftlet_entities, token_indices, 72);
  OFFSET(swiftlet_entities, token_counts, 80);
  OFFSET(swiftlet_entities, truncated, 88);
  OFFSET(swiftlet_answers, texts, 16);
  OFFSET(swiftlet_answers, scores, 24);
  OFFSET(swiftlet_answers, begins, 32);
  OFFSET(swiftlet_answers, code_point_begins, 48);
  OFFSET(swiftlet_answers, token_counts, 64);
  OFFSET(swiftlet_answers, window_counts, 72);
  OFFSET(swiftlet_answers, truncated, 80);
  OFFSET(swiftlet_fillings, mask_starts, 8);
  OFFSET(swiftlet_fillings, candidate_starts, 16);
  OFFSET(swiftlet_fillings, tokens, 24);
  OFFSET(swiftlet_fillings, token_ids, 32);
  OFFSET(swiftlet_fillings, scores, 40);
  OFFSET(swiftlet_fillings, sequences, 48);
  OFFSET(swiftlet_fillings, truncated, 64);
  OFFSET(swiftlet_zero_shot_classifications, scores, 16);
  OFFSET(swiftlet_zero_shot_classifications, ranked, 24);
  OFFSET(swiftlet_zero_shot_classifications, truncated, 40);
  OFFSET(swiftlet_choice, best, 8);
  OFFSET(swiftlet_choice, scores, 16);
  OFFSET(swiftlet_choice, logits, 24);
  OFFSET(swiftlet_choice, token_count, 32);
  OFFSET(swiftlet_choice, truncated, 36);
}

static void check_names(void) {
  static const char *names[] = {
    "OK", "INVALID_ARGUMENT", "INVALID_UTF8", "INVALID_OPTION", "MISSING_FILE", "INVALID_MODEL",
    "UNSUPPORTED_MODEL", "ENGINE", "UNWRITABLE", "TEXT_TOO_LONG", "UNKNOWN_TOKEN",
    "UNKNOWN_TOKEN_TYPE", "NO_TOKENS", "NO_MASK", "CANCELLED", "INVALID_DATA", "TRAINING_FAILED"
  };
  swiftlet_status status;
  for (status = 0; status < (swiftlet_status)(sizeof names / sizeof names[0]); status++) {
    CHECK("a status keeps its number and name",
          strcmp(swiftlet_status_name(status), names[status]) == 0);
  }
  CHECK("the last status is TRAINING_FAILED", SWIFTLET_TRAINING_FAILED == 16);
  CHECK("other numbers have a name too", strcmp(swiftlet_status_name(17), "UNKNOWN") == 0);
  CHECK("negative ones as well", strcmp(swiftlet_status_name(-1), "UNKNOWN") == 0);
}

/* Options of a program that was compiled against an older header, or a newer one. */
static void check_sizes(const char *model) {
  struct { swiftlet_model_options known; unsigned char more[16]; } newer;
  swiftlet_classifier *classifier = NULL;
  swiftlet_error *error = NULL;

  memset(&newer, 0, sizeof newer);
  newer.known.size = sizeof newer;
  newer.known.threads = 1;
  CHECK("a longer struct will do if what is more is 0",
        succeeds(swiftlet_classifier_load(model, &newer.known, &classifier, &error), &error));
  swiftlet_classifier_free(classifier);
  newer.more[15] = 1;
  CHECK("an unknown option is refused",
        fails(swiftlet_classifier_load(model, &newer.known, &classifier, &error),
              SWIFTLET_INVALID_OPTION, &error, "does not know, at byte 47", -1));
  CHECK("nothing was made", classifier == NULL);
  newer.known.size = 0;
  CHECK("a size of 0 is refused",
        fails(swiftlet_classifier_load(model, &newer.known, &classifier, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "sizeof(swiftlet_model_options)", -1));
  newer.known.size = sizeof(swiftlet_model_options) - 1;
  CHECK("a struct that is too short is refused",
        fails(swiftlet_classifier_load(model, &newer.known, &classifier, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "which is 32", -1));
  newer.known.size = (size_t)-1;
  CHECK("an impossible size is refused",
        fails(swiftlet_classifier_load(model, &newer.known, &classifier, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "18446744073709551615", -1));
}

int main(int count, char **arguments) {
  if (count != 2) return 64;
  CHECK("header and library belong together", swiftlet_abi_version() == SWIFTLET_ABI_VERSION);
  check_structs();
  check_task_structs();
  check_names();
  check_sizes(arguments[1]);
  printf("version %s\n", swiftlet_version());
  return report("abi");
}
