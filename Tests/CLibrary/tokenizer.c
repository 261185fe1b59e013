/* Tokenizers: tokens with their places, and text back; and every way to call them wrongly. */
#include "check.h"

static swiftlet_error *error = NULL;

static void check_tokens(swiftlet_tokenizer *tokenizer) {
  const char *bytes = "Caf\xC3\xA9 films";
  swiftlet_text input = text(bytes), pair = text("good");
  swiftlet_tokens *tokens = NULL;
  swiftlet_tokenization_options options = SWIFTLET_TOKENIZATION_OPTIONS_INIT;
  char *decoded = NULL;
  size_t length = 0;
  CHECK("there is a vocabulary", swiftlet_tokenizer_vocabulary_size(tokenizer) == 30522);
  CHECK("a text has tokens",
        succeeds(swiftlet_tokenize(tokenizer, &input, NULL, NULL, &tokens, &error), &error));
  if (tokens == NULL) return;
  CHECK("two words have two tokens, and special ones around them", tokens->count == 4);
  CHECK("[CLS] is first", tokens->ids[0] == 101 && tokens->special[0] == 1);
  CHECK("[SEP] is last", tokens->ids[3] == 102 && tokens->special[3] == 1);
  CHECK("words are not special", tokens->special[1] == 0 && tokens->special[2] == 0);
  CHECK("offsets count bytes", tokens->begins[1] == 0 && tokens->ends[1] == 5
        && tokens->begins[2] == 6 && tokens->ends[2] == 11);
  CHECK("special tokens have none", tokens->begins[3] == 0 && tokens->ends[3] == 0);
  CHECK("one text has one type", tokens->type_ids[0] == 0 && tokens->type_ids[3] == 0);
  CHECK("nothing was cut", tokens->untruncated_count == 4);
  CHECK("ids become text",
        succeeds(swiftlet_decode(tokenizer, tokens->ids, tokens->count, 1, &decoded, &length, &error),
                 &error));
  CHECK("without special tokens", decoded != NULL && strcmp(decoded, "cafe films") == 0);
  CHECK("its length is known", length == 10);
  swiftlet_string_free(decoded);
  CHECK("or with them, and no length",
        succeeds(swiftlet_decode(tokenizer, tokens->ids, tokens->count, 0, &decoded, NULL, &error),
                 &error));
  CHECK("as they are written",
        decoded != NULL && strcmp(decoded, "[CLS] cafe films [SEP]") == 0);
  swiftlet_string_free(decoded);
  swiftlet_tokens_free(tokens);

  CHECK("a pair has tokens",
        succeeds(swiftlet_tokenize(tokenizer, &input, &pair, NULL, &tokens, &error), &error));
  CHECK("those of the second text have their type and place",
        tokens != NULL && tokens->count == 6 && tokens->type_ids[4] == 1
            && tokens->begins[4] == 0 && tokens->ends[4] == 4);
  swiftlet_tokens_free(tokens);
  options.max_length = 3;
  CHECK("a text can be cut",
        succeeds(swiftlet_tokenize(tokenizer, &input, NULL, &options, &tokens, &error), &error));
  CHECK("it says what was there", tokens != NULL && tokens->count == 3
        && tokens->untruncated_count == 4 && tokens->ids[2] == 102);
  swiftlet_tokens_free(tokens);
  options.max_length = 0;
  options.no_special_tokens = 1;
  CHECK("special tokens can be left out",
        succeeds(swiftlet_tokenize(tokenizer, &input, NULL, &options, &tokens, &error), &error));
  CHECK("then there are only the words", tokens != NULL && tokens->count == 2);
  swiftlet_tokens_free(tokens);
  input = text("");
  CHECK("an empty text is one",
        succeeds(swiftlet_tokenize(tokenizer, &input, NULL, &options, &tokens, &error), &error));
  CHECK("without tokens", tokens != NULL && tokens->count == 0);
  swiftlet_tokens_free(tokens);
  CHECK("no ids are no text",
        succeeds(swiftlet_decode(tokenizer, NULL, 0, 1, &decoded, &length, &error), &error));
  CHECK("but a string", decoded != NULL && decoded[0] == 0 && length == 0);
  swiftlet_string_free(decoded);
}

static void check_arguments(const char *model, swiftlet_tokenizer *tokenizer) {
  swiftlet_text good = text("fine"), bad = text("\xC0\xAF");
  swiftlet_tokenization_options options = SWIFTLET_TOKENIZATION_OPTIONS_INIT;
  swiftlet_tokens *tokens = NULL;
  swiftlet_tokenizer *none = NULL;
  int32_t ids[2] = { -5, 2147483647 };
  char *decoded = NULL;
  CHECK("a tokenizer needs a place",
        fails(swiftlet_tokenizer_load(model, NULL, &error), SWIFTLET_INVALID_ARGUMENT, &error,
              "tokenizer is NULL", -1));
  CHECK("a folder must be named",
        fails(swiftlet_tokenizer_load(NULL, &none, &error), SWIFTLET_INVALID_ARGUMENT, &error,
              "directory is NULL", -1));
  CHECK("a folder must be there",
        fails(swiftlet_tokenizer_load("/nonexistent", &none, &error), SWIFTLET_MISSING_FILE,
              &error, "/nonexistent", -1));
  CHECK("tokens need a place",
        fails(swiftlet_tokenize(tokenizer, &good, NULL, NULL, NULL, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "result is NULL", -1));
  CHECK("a tokenizer must be there",
        fails(swiftlet_tokenize(NULL, &good, NULL, NULL, &tokens, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "tokenizer is NULL", -1));
  CHECK("a text must be there",
        fails(swiftlet_tokenize(tokenizer, NULL, NULL, NULL, &tokens, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "text is NULL", -1));
  CHECK("a text must be UTF-8",
        fails(swiftlet_tokenize(tokenizer, &bad, NULL, NULL, &tokens, &error),
              SWIFTLET_INVALID_UTF8, &error, "text is not UTF-8: invalid byte at offset 0 of 2",
              0));
  CHECK("a second one too",
        fails(swiftlet_tokenize(tokenizer, &good, &bad, NULL, &tokens, &error),
              SWIFTLET_INVALID_UTF8, &error, "pair is not UTF-8", 0));
  options.no_special_tokens = 2;
  CHECK("no_special_tokens must make sense",
        fails(swiftlet_tokenize(tokenizer, &good, NULL, &options, &tokens, &error),
              SWIFTLET_INVALID_OPTION, &error, "no_special_tokens is 2", -1));
  options.no_special_tokens = 0;
  options.reserved[2] = 1;
  CHECK("what is reserved must be 0",
        fails(swiftlet_tokenize(tokenizer, &good, NULL, &options, &tokens, &error),
              SWIFTLET_INVALID_OPTION, &error, "reserved", -1));
  options.size = 15;
  CHECK("options have a size",
        fails(swiftlet_tokenize(tokenizer, &good, NULL, &options, &tokens, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "sizeof(swiftlet_tokenization_options)", -1));
  CHECK("no failure leaves a result", tokens == NULL && none == NULL);
  CHECK("a string needs a place",
        fails(swiftlet_decode(tokenizer, ids, 2, 1, NULL, NULL, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "text is NULL", -1));
  CHECK("ids must be there",
        fails(swiftlet_decode(tokenizer, NULL, 2, 1, &decoded, NULL, &error),
              SWIFTLET_INVALID_ARGUMENT, &error, "ids is NULL", -1));
  CHECK("a tokenizer decodes",
        fails(swiftlet_decode(NULL, ids, 2, 1, &decoded, NULL, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "tokenizer is NULL", -1));
  CHECK("yes or no",
        fails(swiftlet_decode(tokenizer, ids, 2, 2, &decoded, NULL, &error),
              SWIFTLET_INVALID_OPTION, &error, "skips_special_tokens is 2", -1));
  CHECK("ids that no token has are left out",
        succeeds(swiftlet_decode(tokenizer, ids, 2, 1, &decoded, NULL, &error), &error));
  CHECK("and leave nothing", decoded != NULL && decoded[0] == 0);
  swiftlet_string_free(decoded);
}

/* The tokenizers of a classifier and an embedder, which outlive them. */
static void check_borrowed(const char *model, const char *embedder_model) {
  swiftlet_classifier *classifier = NULL;
  swiftlet_embedder *embedder = NULL;
  swiftlet_tokenizer *first = NULL, *second = NULL;
  swiftlet_text input = text("fine");
  swiftlet_tokens *tokens = NULL;
  CHECK("a classifier has a tokenizer",
        succeeds(swiftlet_classifier_load(model, NULL, &classifier, &error), &error)
            && succeeds(swiftlet_classifier_tokenizer(classifier, &first, &error), &error));
  CHECK("an embedder as well",
        succeeds(swiftlet_embedder_load(embedder_model, NULL, &embedder, &error), &error)
            && succeeds(swiftlet_embedder_tokenizer(embedder, &second, &error), &error));
  CHECK("it needs a place",
        fails(swiftlet_classifier_tokenizer(classifier, NULL, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "tokenizer is NULL", -1));
  swiftlet_classifier_free(classifier);
  swiftlet_embedder_free(embedder);
  CHECK("both live on",
        succeeds(swiftlet_tokenize(first, &input, NULL, NULL, &tokens, &error), &error));
  CHECK("with their vocabularies", tokens != NULL && tokens->count == 3
        && swiftlet_tokenizer_vocabulary_size(second) == 165);
  swiftlet_tokens_free(tokens);
  swiftlet_tokenizer_free(first);
  swiftlet_tokenizer_free(second);
  CHECK("a freed classifier has none",
        fails(swiftlet_classifier_tokenizer(classifier, &first, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "not a live handle", -1));
  CHECK("nor a freed embedder",
        fails(swiftlet_embedder_tokenizer(embedder, &first, &error), SWIFTLET_INVALID_ARGUMENT,
              &error, "not a live handle", -1));
}

int main(int count, char **arguments) {
  swiftlet_tokenizer *tokenizer = NULL;
  if (count != 3) return 64;
  CHECK("a tokenizer loads",
        succeeds(swiftlet_tokenizer_load(arguments[1], &tokenizer, &error), &error));
  check_tokens(tokenizer);
  check_arguments(arguments[1], tokenizer);
  swiftlet_tokenizer_free(tokenizer);
  check_borrowed(arguments[1], arguments[2]);
  return report("tokenizer");
}
