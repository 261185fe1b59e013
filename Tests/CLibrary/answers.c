/* Prints a line for each line on standard input: the model's answer with all labels, as compare.py
 * wants it. For "classify" the scores and for "embed" the vector. */
#include "check.h"

#include <stdlib.h>

static int print_scores(const char *model, const swiftlet_text *texts, size_t count) {
  swiftlet_classifier *classifier = NULL;
  swiftlet_classifications *result = NULL;
  swiftlet_error *error = NULL;
  size_t i, label;
  if (!succeeds(swiftlet_classifier_load(model, NULL, &classifier, &error), &error)
      || !succeeds(swiftlet_classify(classifier, texts, count, NULL, &result, &error), &error))
    return 1;
  for (i = 0; i < result->count; i++) {
    printf("%s", swiftlet_classifier_label(classifier, result->best[i]));
    for (label = 0; label < result->label_count; label++) {
      printf("\t%s\t%.9g", swiftlet_classifier_label(classifier, label),
             result->scores[i * result->label_count + label]);
    }
    printf("\n");
  }
  swiftlet_classifications_free(result);
  swiftlet_classifier_free(classifier);
  return 0;
}

static int print_vectors(const char *model, const swiftlet_text *texts, size_t count) {
  swiftlet_embedder *embedder = NULL;
  swiftlet_embeddings *result = NULL;
  swiftlet_error *error = NULL;
  size_t i, column;
  if (!succeeds(swiftlet_embedder_load(model, NULL, &embedder, &error), &error)
      || !succeeds(swiftlet_embed(embedder, texts, count, NULL, &result, &error), &error))
    return 1;
  for (i = 0; i < result->count; i++) {
    for (column = 0; column < result->dimension; column++) {
      printf("%s%.9g", column == 0 ? "" : "\t", result->vectors[i * result->dimension + column]);
    }
    printf("\n");
  }
  swiftlet_embeddings_free(result);
  swiftlet_embedder_free(embedder);
  return 0;
}

int main(int count, char **arguments) {
  static char lines[64][1024];
  swiftlet_text texts[64];
  size_t read = 0;
  if (count != 3) return 64;
  while (read < 64 && fgets(lines[read], sizeof lines[read], stdin) != NULL) {
    lines[read][strcspn(lines[read], "\n")] = 0;
    texts[read] = text(lines[read]);
    read++;
  }
  if (strcmp(arguments[1], "classify") == 0) return print_scores(arguments[2], texts, read);
  if (strcmp(arguments[1], "embed") == 0) return print_vectors(arguments[2], texts, read);
  return 64;
}
