/* Eight threads on one handle of each task: every answer has the bits that it has alone. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 8, ROUNDS = 10, TEXTS = 4 };

static const char *sentences[TEXTS] = {
  "A good [MASK] film.", "Boring [MASK] and bad.", "The [MASK] cat is not with the plot.",
  "It was [MASK]."
};

static swiftlet_token_classifier *tagger = NULL;
static swiftlet_question_answerer *answerer = NULL;
static swiftlet_mask_filler *filler = NULL;
static swiftlet_zero_shot_classifier *zero_shot = NULL;
static swiftlet_multiple_choice *chooser = NULL;

/* The first scores of each task. */
typedef struct scores {
  float tag, answer, mask, label, choice;
} scores;

static scores expected[TEXTS];

/* Computes a text by every task; returns 0 if a call fails. */
static int compute(size_t index, scores *result) {
  swiftlet_text input = text(sentences[index]), question = text("Was it good?"), labels[2];
  swiftlet_entities *entities = NULL;
  swiftlet_answers *answers = NULL;
  swiftlet_fillings *fillings = NULL;
  swiftlet_zero_shot_classifications *classifications = NULL;
  swiftlet_choice *choice = NULL;
  swiftlet_token_classification_options options = SWIFTLET_TOKEN_CLASSIFICATION_OPTIONS_INIT;
  int holds;
  labels[0] = text("good");
  labels[1] = text("bad");
  options.keeps_all_labels = 1;
  holds = swiftlet_classify_tokens(tagger, &input, 1, &options, &entities, NULL) == SWIFTLET_OK
      && swiftlet_answer(answerer, &question, &input, 1, NULL, &answers, NULL) == SWIFTLET_OK
      && swiftlet_fill_masks(filler, &input, 1, NULL, &fillings, NULL) == SWIFTLET_OK
      && swiftlet_classify_zero_shot(zero_shot, &input, 1, labels, 2, NULL, &classifications, NULL)
          == SWIFTLET_OK
      && swiftlet_choose(chooser, &input, labels, 2, NULL, &choice, NULL) == SWIFTLET_OK;
  if (holds) {
    result->tag = entities->scores[0];
    result->answer = answers->scores[0];
    result->mask = fillings->scores[0];
    result->label = classifications->scores[0];
    result->choice = choice->scores[0];
  }
  swiftlet_entities_free(entities);
  swiftlet_answers_free(answers);
  swiftlet_fillings_free(fillings);
  swiftlet_zero_shot_classifications_free(classifications);
  swiftlet_choice_free(choice);
  return holds;
}

/* How many rounds of a thread differ. */
static void *work(void *argument) {
  size_t number = (size_t)argument, wrong = 0, round;
  for (round = 0; round < ROUNDS; round++) {
    size_t index = (number + round) % TEXTS;
    scores found;
    wrong += !compute(index, &found) || memcmp(&found, &expected[index], sizeof found) != 0;
  }
  return (void *)wrong;
}

int main(int count, char **arguments) {
  swiftlet_model_options options = SWIFTLET_MODEL_OPTIONS_INIT;
  swiftlet_error *error = NULL;
  pthread_t threads[THREADS];
  const char *heads = arguments[1];
  size_t i, wrong = 0;
  if (count != 2) return 64;
  options.threads = 2;
  options.gemm = SWIFTLET_GEMM_NATIVE;
#define LOADS(kind, name, handle)                                                                  \
  CHECK("a model loads",                                                                           \
        succeeds(swiftlet_##kind##_load(below(heads, name), &options, &handle, &error), &error))
  LOADS(token_classifier, "tokens", tagger);
  LOADS(question_answerer, "questions", answerer);
  LOADS(mask_filler, "mask", filler);
  LOADS(zero_shot_classifier, "nli", zero_shot);
  LOADS(multiple_choice, "choice", chooser);
  for (i = 0; i < TEXTS; i++) CHECK("a text alone has scores", compute(i, &expected[i]));
  for (i = 0; i < THREADS; i++) {
    CHECK("a thread starts", pthread_create(&threads[i], NULL, work, (void *)i) == 0);
  }
  for (i = 0; i < THREADS; i++) {
    void *result = NULL;
    CHECK("a thread ends", pthread_join(threads[i], &result) == 0);
    wrong += (size_t)result;
  }
  CHECK("eight threads have the answers of one", wrong == 0);
  swiftlet_token_classifier_free(tagger);
  swiftlet_question_answerer_free(answerer);
  swiftlet_mask_filler_free(filler);
  swiftlet_zero_shot_classifier_free(zero_shot);
  swiftlet_multiple_choice_free(chooser);
  return report("task_threads");
}
