/* Embedders: what they give, and every way to call them wrongly. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

static swiftlet_error *error = NULL;

static void check_vectors(swiftlet_embedder *embedder) {
  swiftlet_text texts[3];
  swiftlet_embeddings *all = NULL, *none = NULL;
  size_t dimension = swiftlet_embedder_dimension(embedder);
  float *buffer = malloc(3 * dimension * sizeof(float));
  texts[0] = text("a man sleeps");
  texts[1] = text("");
  texts[2] = text("the film is good");
  CHECK("an embedding has 20 coordinates", dimension == 20);
  CHECK("the model has a greatest length", swiftlet_embedder_max_length(embedder) > 2);
  CHECK("texts are embedded",
        succeeds(swiftlet_embed(embedder, texts, 3, NULL, &all, &error), &error));
  CHECK("into a buffer as well",
        succeeds(swiftlet_embed_into(embedder, texts, 3, NULL, buffer, 3 * dimension, &error),
                 &error));
  if (all != NULL && buffer != NULL) {
    CHECK("every text has a vector", all->count == 3 && all->dimension == dimension);
    CHECK("both are the same bits",
          memcmp(all->vectors, buffer, 3 * dimension * sizeof(float)) == 0);
    CHECK("other texts have other vectors",
          memcmp(buffer, buffer + 2 * dimension, dimension * sizeof(float)) != 0);
    CHECK("tokens are counted", all->token_counts[1] >= 2 && all->token_counts[0] > 2);
    CHECK("nothing is cut", all->truncated[0] == 0 && all->truncated[2] == 0);
  }
  swiftlet_embeddings_free(all);
  CHECK("no texts have no vectors",
        succeeds(swiftlet_embed(embedder, NULL, 0, NULL, &none, &error), &error));
  CHECK("but a result", none != NULL && none->count == 0 && none->dimension == dimension);
  swiftlet_embeddings_free(none);
  CHECK("nor do they need a buffer",
        succeeds(swiftlet_embed_into(embedder, NULL, 0, NULL, NULL, 0, &error), &error));
  free(buffer);
}

static void check_normalization(const char *directory) {
  swiftlet_model_options options = SWIFTLET_MODEL_OPTIONS_INIT;
  swiftlet_embedder *embedder = NULL;
  swiftlet_text sentence = text("a man sleeps");
  float vector[20];
  int mode, i;
  for (mode = SWIFTLET_NORMALIZATION_ON; mode <= SWIFTLET_NORMALIZATION_OFF; mode++) {
    float length = 0;
    options.normalization = mode;
    CHECK("normalisation can be chosen",
          succeeds(swiftlet_embedder_load(directory, &options, &embedder, &error), &error));
    CHECK("texts are embedded",
          succeeds(swiftlet_embed_into(embedder, &sentence, 1, NULL, vector, 20, &error), &error));
    for (i = 0; i < 20; i++) length += vector[i] * vector[i];
    CHECK("the length is 1 where it was asked for",
          (fabsf(sqrtf(length) - 1) < 1e-5f) == (mode == SWIFTLET_NORMALIZATION_ON));
    swiftlet_embedder_free(embedder);
  }
  options.normalization = 3;
  CHECK("normalization must make sense",
        fails(swiftlet_embedder_load(directory, &options, &embedder, &error),
              SWIFTLET_INVALID_OPTION, &error, "normalization is 3", -1));
}

/* The vector of a sentence with a prompt before it. */
static int embed(
    swiftlet_embedder *embedder, int32_t kind, const char *prompt, const char *sentence,
    float *vector) {
  swiftlet_embedding_options options = SWIFTLET_EMBEDDING_OPTIONS_INIT;
  swiftlet_text input = text(sentence);
  options.prompt_kind = kind;
  options.prompt = prompt;
  return succeeds(swiftlet_embed_into(embedder, &input, 1, &options, vector, 20, &error), &error);
}

static void check_prompts(const char *directory) {
  swiftlet_embedder *embedder = NULL;
  swiftlet_embedding_options options = SWIFTLET_EMBEDDING_OPTIONS_INIT;
  swiftlet_text sentence = text("film");
  float whole[20], prompted[20], named[20];
  CHECK("a model with prompts loads",
        succeeds(swiftlet_embedder_load(directory, NULL, &embedder, &error), &error));
  CHECK("a text can be embedded without a prompt",
        embed(embedder, SWIFTLET_PROMPT_NONE, NULL, "the best: film", whole));
  CHECK("a prompt can be given",
        embed(embedder, SWIFTLET_PROMPT_TEXT, "the best: ", "film", prompted));
  CHECK("it is put before the text", memcmp(whole, prompted, sizeof whole) == 0);
  CHECK("one can be named", embed(embedder, SWIFTLET_PROMPT_NAMED, "query", "film", named));
  CHECK("it is the one of that name", memcmp(named, prompted, sizeof whole) == 0);
  memset(named, 0, sizeof named);
  CHECK("a default is taken", embed(embedder, SWIFTLET_PROMPT_AUTOMATIC, NULL, "film", named));
  CHECK("it is the model's", memcmp(named, prompted, sizeof whole) == 0);
  options.prompt = NULL;
  options.prompt_kind = SWIFTLET_PROMPT_AUTOMATIC;
  options.role = SWIFTLET_ROLE_QUERY;
  CHECK("a role sets the prompt",
        succeeds(swiftlet_embed_into(embedder, &sentence, 1, &options, named, 20, &error), &error)
        && memcmp(named, prompted, sizeof whole) == 0);
  options.role = 3;
  CHECK("a role must exist",
        fails(swiftlet_embed_into(embedder, &sentence, 1, &options, named, 20, &error),
              SWIFTLET_INVALID_OPTION, &error, "role is 3", -1));
  options.role = SWIFTLET_ROLE_NONE;
  options.prompt_kind = SWIFTLET_PROMPT_NAMED;
  options.prompt = "nobody";
  CHECK("an unknown prompt is refused",
        fails(swiftlet_embed_into(embedder, &sentence, 1, &options, named, 20, &error),
              SWIFTLET_INVALID_OPTION, &error, "no prompt \"nobody\"", -1));
  options.prompt = NULL;
  CHECK("a prompt must be there",
        fails(swiftlet_embed_into(embedder, &sentence, 1, &options, named, 20, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "prompt is NULL", -1));
  options.prompt = "\xFF";
  CHECK("a prompt must be UTF-8",
        fails(swiftlet_embed_into(embedder, &sentence, 1, &options, named, 20, &error),
              SWIFTLET_INVALID_UTF8, &error, "prompt is not UTF-8", -1));
  options.prompt_kind = SWIFTLET_PROMPT_NONE;
  CHECK("a prompt must be meant",
        fails(swiftlet_embed_into(embedder, &sentence, 1, &options, named, 20, &error),
              SWIFTLET_INVALID_OPTION, &error, "prompt_kind", -1));
  options.prompt_kind = 4;
  CHECK("its kind must make sense",
        fails(swiftlet_embed_into(embedder, &sentence, 1, &options, named, 20, &error),
              SWIFTLET_INVALID_OPTION, &error, "prompt_kind is 4", -1));
  swiftlet_embedder_free(embedder);
}

static void check_arguments(const char *directory, swiftlet_embedder *embedder) {
  swiftlet_embedding_options options = SWIFTLET_EMBEDDING_OPTIONS_INIT;
  swiftlet_embeddings *result = NULL;
  swiftlet_text good = text("fine"), bad;
  swiftlet_text texts[2];
  float vector[20] = { 7 };
  char words[2 * 600 + 1];
  int i;
  bad.bytes = "\x80";
  bad.length = 1;
  CHECK("an embedder needs a place",
        fails(swiftlet_embedder_load(directory, NULL, NULL, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "embedder is NULL", -1));
  CHECK("a folder must be named",
        fails(swiftlet_embedder_load(NULL, NULL, &embedder, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "directory is NULL", -1));
  CHECK("load a new one after that",
        succeeds(swiftlet_embedder_load(directory, NULL, &embedder, &error), &error));
  CHECK("vectors need a place",
        fails(swiftlet_embed(embedder, &good, 1, NULL, NULL, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "result is NULL", -1));
  CHECK("an embedder must be there",
        fails(swiftlet_embed(NULL, &good, 1, NULL, &result, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "embedder is NULL", -1));
  CHECK("for a buffer as well",
        fails(swiftlet_embed_into(NULL, &good, 1, NULL, vector, 20, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "embedder is NULL", -1));
  CHECK("texts must be there",
        fails(swiftlet_embed(embedder, NULL, 3, NULL, &result, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "texts is NULL", -1));
  CHECK("texts must be UTF-8",
        fails(swiftlet_embed(embedder, &bad, 1, NULL, &result, &error), SWIFTLET_INVALID_UTF8,
              &error, "texts[0]", 0));
  CHECK("a buffer must be there",
        fails(swiftlet_embed_into(embedder, &good, 1, NULL, NULL, 20, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "vectors is NULL", -1));
  CHECK("a buffer must be large enough",
        fails(swiftlet_embed_into(embedder, &good, 1, NULL, vector, 19, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "holds 19 floats, but 1 texts need 20", -1));
  CHECK("a small buffer stays as it was", vector[0] == 7);
  options.long_text = SWIFTLET_LONG_TEXT_WINDOW;
  CHECK("windows are refused",
        fails(swiftlet_embed(embedder, &good, 1, &options, &result, &error),
              SWIFTLET_INVALID_OPTION, &error, "not supported for embeddings", -1));
  options.long_text = SWIFTLET_LONG_TEXT_ERROR;
  for (i = 0; i < 600; i++) memcpy(words + 2 * i, "a ", 2);
  words[1200] = 0;
  texts[0] = good;
  texts[1] = text(words);
  CHECK("a long text may be refused",
        fails(swiftlet_embed(embedder, texts, 2, &options, &result, &error),
              SWIFTLET_TEXT_TOO_LONG, &error, "602 tokens", 1));
  CHECK("no failure leaves a result", result == NULL);
  CHECK("it is cut by default",
        succeeds(swiftlet_embed(embedder, texts, 2, NULL, &result, &error), &error));
  CHECK("and the result says so",
        result != NULL && result->truncated[0] == 0 && result->truncated[1] == 1);
  swiftlet_embeddings_free(result);
  swiftlet_embedder_free(embedder);
}

int main(int count, char **arguments) {
  swiftlet_embedder *embedder = NULL;
  if (count != 3) return 64;
  CHECK("a model loads",
        succeeds(swiftlet_embedder_load(arguments[1], NULL, &embedder, &error), &error));
  check_vectors(embedder);
  swiftlet_embedder_free(embedder);
  check_normalization(arguments[1]);
  check_prompts(arguments[2]);
  check_arguments(arguments[1], NULL);
  return report("embedder");
}
