/*
 * Swiftlet's C interface: runs DistilBERT and BERT models on CPUs and returns labels, embeddings
 * and tokens. Valid C99 and C++.
 *
 *   swiftlet_classifier *classifier = NULL;
 *   swiftlet_error *error = NULL;
 *   if (swiftlet_classifier_load("path/to/model", NULL, &classifier, &error) != SWIFTLET_OK) {
 *     fprintf(stderr, "%s\n", swiftlet_error_message(error));
 *     swiftlet_error_free(error);
 *   }
 *
 * Rules
 *   Status   Functions that can fail return a status and write their result through a pointer. On
 *            failure they set a result pointer to NULL and write nothing else.
 *   Errors   The last argument receives an error object with a message; it may be NULL. There is no
 *            thread-local state, so the caller may change threads between two calls.
 *   Input    NULL, wrong sizes, invalid UTF-8 and values out of range return a status and never
 *            trap. Pointers other than NULL must be valid for their type.
 *   Threads  Any number of threads may call any function at once, also on the same handle. A call
 *            computes on its own thread and those of the handle, and returns when it is done.
 *   Handles  swiftlet_classifier, swiftlet_embedder and swiftlet_tokenizer are identifiers, not
 *            addresses, and never reused: using a freed one returns SWIFTLET_INVALID_ARGUMENT,
 *            freeing it again does nothing. A call completes even if another thread frees its
 *            handle meanwhile.
 *   Results  Errors, classifications, embeddings, tokens and strings are memory: free each once,
 *            with its own function. Freeing NULL does nothing.
 *   fork     A handle belongs to the process that loaded it. In a forked child, which does not have
 *            its threads, it returns SWIFTLET_ENGINE. Load after the fork.
 *   Text     UTF-8. Names of files and options end in NUL; a text has a length or ends in NUL.
 *
 * Options are structs whose first field is their size; the _INIT macro sets it, and all other
 * fields to 0, the defaults. Later versions of the library may add fields at the end; programs
 * compiled against this header work with them.
 */
#ifndef SWIFTLET_H
#define SWIFTLET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface; it changes when programs must be compiled again. */
#define SWIFTLET_ABI_VERSION 0

/* Returns the SWIFTLET_ABI_VERSION of the loaded library, to be compared with the macro. */
uint32_t swiftlet_abi_version(void);

/* Returns the version of the loaded library, "MAJOR.MINOR.PATCH". Do not free it. */
const char *swiftlet_version(void);

/* ---- status and errors ------------------------------------------------------------------------ */

typedef int32_t swiftlet_status;

enum {
  SWIFTLET_OK = 0,
  /* A pointer is NULL, a size is wrong, a buffer is too small, or a handle was freed. */
  SWIFTLET_INVALID_ARGUMENT = 1,
  /* A text or a name is not UTF-8. */
  SWIFTLET_INVALID_UTF8 = 2,
  /* An option has an invalid value. */
  SWIFTLET_INVALID_OPTION = 3,
  /* The model's folder or a file in it is missing or can't be read. */
  SWIFTLET_MISSING_FILE = 4,
  /* A file of the model is damaged or has invalid contents. */
  SWIFTLET_INVALID_MODEL = 5,
  /* The model is valid, but Swiftlet does not support its kind. */
  SWIFTLET_UNSUPPORTED_MODEL = 6,
  /* The requested kernels or threads are not available, the system refused memory, or the process
   * was forked. */
  SWIFTLET_ENGINE = 7,
  /* A file can't be written. */
  SWIFTLET_UNWRITABLE = 8,
  /* A text has more tokens than the model's maximum, and long_text is SWIFTLET_LONG_TEXT_ERROR. */
  SWIFTLET_TEXT_TOO_LONG = 9,
  /* A text has a token, or a token type, that the model has no embedding for. */
  SWIFTLET_UNKNOWN_TOKEN = 10,
  SWIFTLET_UNKNOWN_TOKEN_TYPE = 11,
  /* A text has no tokens. */
  SWIFTLET_NO_TOKENS = 12,
  /* A text to be filled has no mask token. */
  SWIFTLET_NO_MASK = 13
};

/* Returns the name of a status without its prefix, as "INVALID_UTF8"; "UNKNOWN" for other numbers.
 * Do not free it. */
const char *swiftlet_status_name(swiftlet_status status);

/* Describes a failure: what is wrong, where, and what to do. */
typedef struct swiftlet_error swiftlet_error;

/* Returns the status of the failed call; SWIFTLET_OK for NULL. */
swiftlet_status swiftlet_error_status(const swiftlet_error *error);

/* Returns the message; "" for NULL. Valid as long as the error. */
const char *swiftlet_error_message(const swiftlet_error *error);

/* Returns the index of the text that caused the error, from 0; -1 if no text did. */
int64_t swiftlet_error_text_index(const swiftlet_error *error);

void swiftlet_error_free(swiftlet_error *error);

/* ---- texts ------------------------------------------------------------------------------------ */

/* The length of a text that ends in NUL. */
#define SWIFTLET_NUL_TERMINATED ((size_t)-1)

/* A UTF-8 text, which must be valid during the call. May contain NUL if it has a length. */
typedef struct swiftlet_text {
  const char *bytes; /* may be NULL if length is 0 */
  size_t length;     /* in bytes, or SWIFTLET_NUL_TERMINATED */
} swiftlet_text;

/* ---- loading ---------------------------------------------------------------------------------- */

enum {
  SWIFTLET_PRECISION_AUTOMATIC = 0, /* int8 if the checkpoint stores int8, else float32 */
  SWIFTLET_PRECISION_FLOAT32 = 1,
  SWIFTLET_PRECISION_INT8 = 2
};

enum {
  SWIFTLET_GEMM_AUTOMATIC = 0, /* native on x86-64, elsewhere CBLAS if available */
  SWIFTLET_GEMM_NATIVE = 1,
  SWIFTLET_GEMM_CBLAS = 2
};

enum {
  SWIFTLET_LOADING_MAPPED = 0, /* the file may be replaced by renaming, not overwritten in place */
  SWIFTLET_LOADING_READ = 1,
  SWIFTLET_LOADING_SHARED = 2 /* mapped; int8 weights are used in place, shared by processes */
};

enum {
  SWIFTLET_NORMALIZATION_AUTOMATIC = 0, /* as modules.json declares */
  SWIFTLET_NORMALIZATION_ON = 1,
  SWIFTLET_NORMALIZATION_OFF = 2
};

typedef struct swiftlet_model_options {
  size_t size;              /* sizeof(swiftlet_model_options) */
  int32_t precision;        /* SWIFTLET_PRECISION_... */
  int32_t gemm;             /* SWIFTLET_GEMM_... */
  int32_t loading;          /* SWIFTLET_LOADING_... */
  uint32_t threads;         /* 1 to 4096; 0: from affinity, quota and SWIFTLET_THREADS */
  int32_t normalization;    /* SWIFTLET_NORMALIZATION_...; must be 0 for classifiers */
  int32_t allow_other_task; /* 1: load a model made for another task; 0: return an error */
} swiftlet_model_options;

#define SWIFTLET_MODEL_OPTIONS_INIT { sizeof(swiftlet_model_options), 0, 0, 0, 0, 0, 0 }

/* What to do with a text that has more tokens than the model's maximum. */
enum {
  SWIFTLET_LONG_TEXT_TRUNCATE = 0, /* truncate it, and set truncated in the result */
  SWIFTLET_LONG_TEXT_ERROR = 1,    /* return SWIFTLET_TEXT_TOO_LONG */
  SWIFTLET_LONG_TEXT_WINDOW = 2    /* classify overlapping windows; only for classifiers */
};

/* ---- classifiers ------------------------------------------------------------------------------ */

/* A sequence classifier. */
typedef struct swiftlet_classifier swiftlet_classifier;
typedef struct swiftlet_tokenizer swiftlet_tokenizer;

/* Loads a folder with config.json, model.safetensors or its shards, and tokenizer.json or vocab.txt.
 * options may be NULL. */
swiftlet_status swiftlet_classifier_load(
    const char *directory, const swiftlet_model_options *options,
    swiftlet_classifier **classifier, swiftlet_error **error);

void swiftlet_classifier_free(swiftlet_classifier *classifier);

/* Returns the number of labels; 0 if classifier is not a live handle. */
size_t swiftlet_classifier_label_count(const swiftlet_classifier *classifier);

/* Returns the label of a score's index; NULL if there is none. Valid as long as the classifier. */
const char *swiftlet_classifier_label(const swiftlet_classifier *classifier, size_t index);

/* Returns the maximum length of a text in tokens, special tokens included; 0 if classifier is not a
 * live handle. */
size_t swiftlet_classifier_max_length(const swiftlet_classifier *classifier);

/* Gets the model's tokenizer as a handle of its own, which must be freed. */
swiftlet_status swiftlet_classifier_tokenizer(
    const swiftlet_classifier *classifier, swiftlet_tokenizer **tokenizer, swiftlet_error **error);

/* The function from logits to scores. */
enum {
  SWIFTLET_FUNCTION_AUTOMATIC = 0, /* from the model's configuration */
  SWIFTLET_FUNCTION_SOFTMAX = 1,
  SWIFTLET_FUNCTION_SIGMOID = 2,
  SWIFTLET_FUNCTION_NONE = 3
};

/* How the logits of a long text's windows are pooled. */
enum { SWIFTLET_WINDOW_POOLING_MEAN = 0, SWIFTLET_WINDOW_POOLING_MAX = 1 };

typedef struct swiftlet_classification_options {
  size_t size;            /* sizeof(swiftlet_classification_options) */
  int32_t function;       /* SWIFTLET_FUNCTION_... */
  int32_t long_text;      /* SWIFTLET_LONG_TEXT_... */
  uint32_t window_stride; /* the overlap of neighbouring windows, in tokens */
  int32_t window_pooling; /* SWIFTLET_WINDOW_POOLING_... */
  float temperature;      /* divides the logits before the function; 0 means 1 */
  int32_t reserved;       /* 0 */
} swiftlet_classification_options;

#define SWIFTLET_CLASSIFICATION_OPTIONS_INIT \
  { sizeof(swiftlet_classification_options), 0, 0, 0, 0, 0, 0 }

/* The classifications of texts, in their order; row i begins at i * label_count. */
typedef struct swiftlet_classifications {
  size_t count;                 /* number of texts */
  size_t label_count;
  const float *scores;          /* [count][label_count], in the order of the labels */
  const float *logits;          /* [count][label_count] */
  const size_t *best;           /* [count]: the label with the highest score, the first of equals */
  const uint32_t *token_counts; /* [count]: tokens before truncation, special tokens included */
  const uint8_t *truncated;     /* [count]: 1 if the text was truncated */
} swiftlet_classifications;

/* Classifies count texts as one batch. options may be NULL; texts may be NULL if count is 0. */
swiftlet_status swiftlet_classify(
    const swiftlet_classifier *classifier, const swiftlet_text *texts, size_t count,
    const swiftlet_classification_options *options, swiftlet_classifications **result,
    swiftlet_error **error);

/* Classifies count pairs of texts as one batch: texts[i] with pairs[i]. */
swiftlet_status swiftlet_classify_pairs(
    const swiftlet_classifier *classifier, const swiftlet_text *texts, const swiftlet_text *pairs,
    size_t count, const swiftlet_classification_options *options,
    swiftlet_classifications **result, swiftlet_error **error);

/* Writes the logits of count texts, row after row, to the caller's buffer of capacity floats. A
 * capacity below count * label_count returns SWIFTLET_INVALID_ARGUMENT. */
swiftlet_status swiftlet_logits(
    const swiftlet_classifier *classifier, const swiftlet_text *texts, size_t count,
    const swiftlet_classification_options *options, float *logits, size_t capacity,
    swiftlet_error **error);

void swiftlet_classifications_free(swiftlet_classifications *result);

/* ---- embedders -------------------------------------------------------------------------------- */

/* A sentence-transformers model, or any other encoder with mean pooling. */
typedef struct swiftlet_embedder swiftlet_embedder;

/* Loads a folder of sentence-transformers, or of any encoder. options may be NULL. */
swiftlet_status swiftlet_embedder_load(
    const char *directory, const swiftlet_model_options *options, swiftlet_embedder **embedder,
    swiftlet_error **error);

void swiftlet_embedder_free(swiftlet_embedder *embedder);

/* Returns the number of floats in an embedding; 0 if embedder is not a live handle. */
size_t swiftlet_embedder_dimension(const swiftlet_embedder *embedder);

/* Returns the maximum length of a text in tokens, special tokens included; 0 if embedder is not a
 * live handle. */
size_t swiftlet_embedder_max_length(const swiftlet_embedder *embedder);

/* Gets the model's tokenizer as a handle of its own, which must be freed. */
swiftlet_status swiftlet_embedder_tokenizer(
    const swiftlet_embedder *embedder, swiftlet_tokenizer **tokenizer, swiftlet_error **error);

/* The prompt that is prepended to each text. */
enum {
  SWIFTLET_PROMPT_AUTOMATIC = 0, /* the model's default prompt, if it has one */
  SWIFTLET_PROMPT_NONE = 1,
  SWIFTLET_PROMPT_NAMED = 2,     /* the model's prompt with the name in the field prompt */
  SWIFTLET_PROMPT_TEXT = 3       /* the text in the field prompt */
};

typedef struct swiftlet_embedding_options {
  size_t size;         /* sizeof(swiftlet_embedding_options) */
  int32_t long_text;   /* SWIFTLET_LONG_TEXT_TRUNCATE or _ERROR */
  int32_t prompt_kind; /* SWIFTLET_PROMPT_... */
  const char *prompt;  /* ends in NUL; must be NULL for the other kinds */
} swiftlet_embedding_options;

#define SWIFTLET_EMBEDDING_OPTIONS_INIT { sizeof(swiftlet_embedding_options), 0, 0, NULL }

/* The embeddings of texts, in their order; row i begins at i * dimension. */
typedef struct swiftlet_embeddings {
  size_t count;                 /* number of texts */
  size_t dimension;
  const float *vectors;         /* [count][dimension] */
  const uint32_t *token_counts; /* [count]: tokens, special tokens and prompt included */
  const uint8_t *truncated;     /* [count]: 1 if the text was truncated */
} swiftlet_embeddings;

/* Embeds count texts as one batch. options may be NULL; texts may be NULL if count is 0. */
swiftlet_status swiftlet_embed(
    const swiftlet_embedder *embedder, const swiftlet_text *texts, size_t count,
    const swiftlet_embedding_options *options, swiftlet_embeddings **result,
    swiftlet_error **error);

/* Writes the embeddings of count texts, row after row, to the caller's buffer of capacity floats. A
 * capacity below count * dimension returns SWIFTLET_INVALID_ARGUMENT. */
swiftlet_status swiftlet_embed_into(
    const swiftlet_embedder *embedder, const swiftlet_text *texts, size_t count,
    const swiftlet_embedding_options *options, float *vectors, size_t capacity,
    swiftlet_error **error);

void swiftlet_embeddings_free(swiftlet_embeddings *result);

/* ---- tokenizers ------------------------------------------------------------------------------- */

/* Loads only the tokenizer of a model's folder: tokenizer.json or vocab.txt. */
swiftlet_status swiftlet_tokenizer_load(
    const char *directory, swiftlet_tokenizer **tokenizer, swiftlet_error **error);

void swiftlet_tokenizer_free(swiftlet_tokenizer *tokenizer);

/* Returns the number of tokens, added tokens included; 0 if tokenizer is not a live handle. */
size_t swiftlet_tokenizer_vocabulary_size(const swiftlet_tokenizer *tokenizer);

typedef struct swiftlet_tokenization_options {
  size_t size;                /* sizeof(swiftlet_tokenization_options) */
  uint32_t max_length;        /* in tokens, special tokens included; 0: no limit */
  uint8_t no_special_tokens;  /* 1: add no special tokens */
  uint8_t reserved[3];        /* 0 */
} swiftlet_tokenization_options;

#define SWIFTLET_TOKENIZATION_OPTIONS_INIT \
  { sizeof(swiftlet_tokenization_options), 0, 0, { 0, 0, 0 } }

/* The tokens of a text, or of a pair. */
typedef struct swiftlet_tokens {
  size_t count;
  const int32_t *ids;       /* [count] */
  const int32_t *type_ids;  /* [count]: token type IDs */
  const size_t *begins;     /* [count]: start offsets, in bytes of the token's text */
  const size_t *ends;       /* [count]: end offsets; both are 0 for added special tokens */
  const uint8_t *special;   /* [count]: 1 for added special tokens */
  size_t untruncated_count; /* number of tokens before truncation */
} swiftlet_tokens;

/* Tokenizes a text or a pair. pair and options may be NULL. */
swiftlet_status swiftlet_tokenize(
    const swiftlet_tokenizer *tokenizer, const swiftlet_text *text, const swiftlet_text *pair,
    const swiftlet_tokenization_options *options, swiftlet_tokens **result,
    swiftlet_error **error);

void swiftlet_tokens_free(swiftlet_tokens *result);

/* Decodes ids to a text that ends in NUL; unknown ids are skipped. skips_special_tokens is 0 or 1.
 * length receives the number of bytes before the NUL; it may be NULL. */
swiftlet_status swiftlet_decode(
    const swiftlet_tokenizer *tokenizer, const int32_t *ids, size_t count,
    int32_t skips_special_tokens, char **text, size_t *length, swiftlet_error **error);

void swiftlet_string_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
