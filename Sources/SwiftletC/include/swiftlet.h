/*
 * Swiftlet's C interface: DistilBERT and BERT models on CPUs, from a folder to labels, embeddings
 * and tokens. C99, and C++ as it is.
 *
 *   swiftlet_classifier *classifier = NULL;
 *   swiftlet_error *error = NULL;
 *   if (swiftlet_classifier_load("path/to/model", NULL, &classifier, &error) != SWIFTLET_OK) {
 *     fprintf(stderr, "%s\n", swiftlet_error_message(error));
 *     swiftlet_error_free(error);
 *   }
 *
 * Rules
 *   Status   What can fail returns a status. What it gives is written through a pointer: on success
 *            alone; on failure a pointer is set to NULL.
 *   Errors   The last argument takes an error object with a message, or is NULL if none is wanted.
 *            Nothing is kept in the thread, so the caller may change threads between two calls.
 *   Input    NULL, wrong sizes, bytes that are not UTF-8 and values out of range give a status,
 *            never a trap. Pointers that are not NULL must point to what their type says.
 *   Threads  Every function may be called from any number of threads at once, on the same handle
 *            too. A call computes on its own thread and on those of the handle, and waits.
 *   Handles  swiftlet_classifier, swiftlet_embedder and swiftlet_tokenizer are names, not
 *            addresses, and none is given twice: to use one that was freed is
 *            SWIFTLET_INVALID_ARGUMENT, to free it again does nothing. A call that runs while
 *            another thread frees its handle ends well.
 *   Results  Errors, classifications, embeddings, tokens and strings are memory: free each once,
 *            with its own function. To free NULL does nothing.
 *   fork     A handle belongs to the process that made it: a child has not its threads, and gets
 *            SWIFTLET_ENGINE. Load after the fork.
 *   Text     UTF-8. A name of a file or an option ends in NUL; a text has a length, or ends in NUL.
 *
 * Options are structs whose first field is their size. Set all else to 0 for the defaults, with the
 * _INIT macro. A later version of the library may add fields at the end: what was compiled against
 * this header goes on to work with it.
 */
#ifndef SWIFTLET_H
#define SWIFTLET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The interface that this header describes; it changes when a program must be compiled anew. */
#define SWIFTLET_ABI_VERSION 0

/* What swiftlet_abi_version() of the library that runs says. Compare it with the macro. */
uint32_t swiftlet_abi_version(void);

/* The version of the library that runs, as "MAJOR.MINOR.PATCH". Never freed. */
const char *swiftlet_version(void);

/* ---- status and errors ------------------------------------------------------------------------ */

typedef int32_t swiftlet_status;

enum {
  SWIFTLET_OK = 0,
  /* A pointer is NULL, a size is wrong, a buffer too small, or a handle was freed. */
  SWIFTLET_INVALID_ARGUMENT = 1,
  /* A text or a name is not UTF-8. */
  SWIFTLET_INVALID_UTF8 = 2,
  /* An option has a value that makes no sense. */
  SWIFTLET_INVALID_OPTION = 3,
  /* The model's folder or a file in it is not there, or can't be read. */
  SWIFTLET_MISSING_FILE = 4,
  /* A file of the model is not what it should be. */
  SWIFTLET_INVALID_MODEL = 5,
  /* The model is sound, but of a kind that Swiftlet does not run. */
  SWIFTLET_UNSUPPORTED_MODEL = 6,
  /* The kernels or threads that are asked for can't be had, the system refuses memory, or the
   * process was forked. */
  SWIFTLET_ENGINE = 7,
  /* A file can't be written. */
  SWIFTLET_UNWRITABLE = 8,
  /* A text has more tokens than the model takes, and the options refuse that. */
  SWIFTLET_TEXT_TOO_LONG = 9,
  /* The tokenizer gave a text a token, or a token type, that the model has no embedding for. */
  SWIFTLET_UNKNOWN_TOKEN = 10,
  SWIFTLET_UNKNOWN_TOKEN_TYPE = 11,
  /* The tokenizer makes no token of a text. */
  SWIFTLET_NO_TOKENS = 12,
  /* A text to be filled has no mask. */
  SWIFTLET_NO_MASK = 13
};

/* The name of a status without its prefix, as "INVALID_UTF8"; "UNKNOWN" for others. Never freed. */
const char *swiftlet_status_name(swiftlet_status status);

/* What went wrong: where, and what to do about it. */
typedef struct swiftlet_error swiftlet_error;

/* The status that came with it; SWIFTLET_OK for NULL. */
swiftlet_status swiftlet_error_status(const swiftlet_error *error);

/* A sentence for people, that names what was found; "" for NULL. Lives as long as the error. */
const char *swiftlet_error_message(const swiftlet_error *error);

/* Which of the texts it is about, counted from 0; -1 if about none of them. */
int64_t swiftlet_error_text_index(const swiftlet_error *error);

void swiftlet_error_free(swiftlet_error *error);

/* ---- texts ------------------------------------------------------------------------------------ */

/* The length of a text that ends in NUL. */
#define SWIFTLET_NUL_TERMINATED ((size_t)-1)

/* A text: UTF-8, not copied longer than a call takes. May contain NUL if it has a length. */
typedef struct swiftlet_text {
  const char *bytes; /* may be NULL if length is 0 */
  size_t length;     /* in bytes, or SWIFTLET_NUL_TERMINATED */
} swiftlet_text;

/* ---- loading ---------------------------------------------------------------------------------- */

enum {
  SWIFTLET_PRECISION_AUTOMATIC = 0, /* int8 if the checkpoint was stored so, else float32 */
  SWIFTLET_PRECISION_FLOAT32 = 1,
  SWIFTLET_PRECISION_INT8 = 2
};

enum {
  SWIFTLET_GEMM_AUTOMATIC = 0, /* native on x86-64, else CBLAS if there is one */
  SWIFTLET_GEMM_NATIVE = 1,
  SWIFTLET_GEMM_CBLAS = 2
};

enum {
  SWIFTLET_LOADING_MAPPED = 0, /* the file may be replaced by renaming, not overwritten in place */
  SWIFTLET_LOADING_READ = 1,
  SWIFTLET_LOADING_SHARED = 2 /* mapped, and stored int8 weights stay there, shared by processes */
};

enum {
  SWIFTLET_NORMALIZATION_AUTOMATIC = 0, /* as modules.json has it */
  SWIFTLET_NORMALIZATION_ON = 1,
  SWIFTLET_NORMALIZATION_OFF = 2
};

typedef struct swiftlet_model_options {
  size_t size;              /* sizeof(swiftlet_model_options) */
  int32_t precision;        /* SWIFTLET_PRECISION_... */
  int32_t gemm;             /* SWIFTLET_GEMM_... */
  int32_t loading;          /* SWIFTLET_LOADING_... */
  uint32_t threads;         /* 1 to 4096; 0: what affinity, quota and SWIFTLET_THREADS leave */
  int32_t normalization;    /* SWIFTLET_NORMALIZATION_...; must be 0 for classifiers */
  int32_t allow_other_task; /* 1: load a model that is made for another task; 0: refuse it */
} swiftlet_model_options;

#define SWIFTLET_MODEL_OPTIONS_INIT { sizeof(swiftlet_model_options), 0, 0, 0, 0, 0, 0 }

/* What happens to a text with more tokens than the model takes. */
enum {
  SWIFTLET_LONG_TEXT_TRUNCATE = 0, /* its end is cut off, and the result says so */
  SWIFTLET_LONG_TEXT_ERROR = 1,    /* SWIFTLET_TEXT_TOO_LONG */
  SWIFTLET_LONG_TEXT_WINDOW = 2    /* read in windows; classifiers alone */
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

/* How many labels there are; 0 if classifier is no live handle. */
size_t swiftlet_classifier_label_count(const swiftlet_classifier *classifier);

/* A label by its place among the scores, UTF-8, ended by NUL; NULL beyond the last. Lives as long as
 * the classifier. */
const char *swiftlet_classifier_label(const swiftlet_classifier *classifier, size_t index);

/* The most tokens of a text, special ones included; 0 if classifier is no live handle. */
size_t swiftlet_classifier_maximum_length(const swiftlet_classifier *classifier);

/* The tokenizer that belongs to the model, as a handle of its own. */
swiftlet_status swiftlet_classifier_tokenizer(
    const swiftlet_classifier *classifier, swiftlet_tokenizer **tokenizer, swiftlet_error **error);

/* What turns logits into scores. */
enum {
  SWIFTLET_FUNCTION_AUTOMATIC = 0, /* as the model's configuration has it */
  SWIFTLET_FUNCTION_SOFTMAX = 1,
  SWIFTLET_FUNCTION_SIGMOID = 2,
  SWIFTLET_FUNCTION_NONE = 3
};

/* How the logits of a long text's windows become one set. */
enum { SWIFTLET_WINDOW_POOLING_MEAN = 0, SWIFTLET_WINDOW_POOLING_MAX = 1 };

typedef struct swiftlet_classification_options {
  size_t size;            /* sizeof(swiftlet_classification_options) */
  int32_t function;       /* SWIFTLET_FUNCTION_... */
  int32_t long_text;      /* SWIFTLET_LONG_TEXT_... */
  uint32_t window_stride; /* tokens that neighbouring windows share */
  int32_t window_pooling; /* SWIFTLET_WINDOW_POOLING_... */
  float temperature;      /* logits are divided by it before they become scores; 0 means 1 */
  int32_t reserved;       /* 0 */
} swiftlet_classification_options;

#define SWIFTLET_CLASSIFICATION_OPTIONS_INIT \
  { sizeof(swiftlet_classification_options), 0, 0, 0, 0, 0, 0 }

/* The answers to texts, in their order; row i begins at i * label_count. */
typedef struct swiftlet_classifications {
  size_t count;                 /* texts */
  size_t label_count;
  const float *scores;          /* [count][label_count], in the order of the labels */
  const float *logits;          /* [count][label_count] */
  const size_t *best;           /* [count]: the label with the highest score, the first of equals */
  const uint32_t *token_counts; /* [count]: tokens, special ones included, before truncation */
  const uint8_t *truncated;     /* [count]: 1 if the model saw only the beginning */
} swiftlet_classifications;

/* Classifies count texts as one batch. options may be NULL, texts if count is 0. */
swiftlet_status swiftlet_classify(
    const swiftlet_classifier *classifier, const swiftlet_text *texts, size_t count,
    const swiftlet_classification_options *options, swiftlet_classifications **result,
    swiftlet_error **error);

/* The same of pairs: pairs[i] is the second text to texts[i]. */
swiftlet_status swiftlet_classify_pairs(
    const swiftlet_classifier *classifier, const swiftlet_text *texts, const swiftlet_text *pairs,
    size_t count, const swiftlet_classification_options *options,
    swiftlet_classifications **result, swiftlet_error **error);

/* Writes the logits of count texts into the caller's buffer: count * label_count floats, text by
 * text. capacity is how many floats it holds; too few is SWIFTLET_INVALID_ARGUMENT, and nothing is
 * written. */
swiftlet_status swiftlet_logits(
    const swiftlet_classifier *classifier, const swiftlet_text *texts, size_t count,
    const swiftlet_classification_options *options, float *logits, size_t capacity,
    swiftlet_error **error);

void swiftlet_classifications_free(swiftlet_classifications *result);

/* ---- embedders -------------------------------------------------------------------------------- */

/* A sentence-transformers model, or any other encoder, whose rows are averaged then. */
typedef struct swiftlet_embedder swiftlet_embedder;

/* options may be NULL. */
swiftlet_status swiftlet_embedder_load(
    const char *directory, const swiftlet_model_options *options, swiftlet_embedder **embedder,
    swiftlet_error **error);

void swiftlet_embedder_free(swiftlet_embedder *embedder);

/* Floats of an embedding; 0 if embedder is no live handle. */
size_t swiftlet_embedder_dimension(const swiftlet_embedder *embedder);

/* The most tokens of a text, special ones included; 0 if embedder is no live handle. */
size_t swiftlet_embedder_maximum_length(const swiftlet_embedder *embedder);

/* The tokenizer that belongs to the model, as a handle of its own. */
swiftlet_status swiftlet_embedder_tokenizer(
    const swiftlet_embedder *embedder, swiftlet_tokenizer **tokenizer, swiftlet_error **error);

/* What is put before each text. */
enum {
  SWIFTLET_PROMPT_AUTOMATIC = 0, /* the model's default prompt, if it has one */
  SWIFTLET_PROMPT_NONE = 1,
  SWIFTLET_PROMPT_NAMED = 2,     /* the model's prompt of the name in prompt */
  SWIFTLET_PROMPT_TEXT = 3       /* what is in prompt */
};

typedef struct swiftlet_embedding_options {
  size_t size;         /* sizeof(swiftlet_embedding_options) */
  int32_t long_text;   /* SWIFTLET_LONG_TEXT_TRUNCATE or _ERROR */
  int32_t prompt_kind; /* SWIFTLET_PROMPT_... */
  const char *prompt;  /* ends in NUL; NULL unless prompt_kind asks for it */
} swiftlet_embedding_options;

#define SWIFTLET_EMBEDDING_OPTIONS_INIT { sizeof(swiftlet_embedding_options), 0, 0, NULL }

/* The embeddings of texts, in their order; row i begins at i * dimension. */
typedef struct swiftlet_embeddings {
  size_t count;                 /* texts */
  size_t dimension;
  const float *vectors;         /* [count][dimension] */
  const uint32_t *token_counts; /* [count]: tokens, special ones and prompt included */
  const uint8_t *truncated;     /* [count]: 1 if the model saw only the beginning */
} swiftlet_embeddings;

/* Embeds count texts as one batch. options may be NULL, texts if count is 0. */
swiftlet_status swiftlet_embed(
    const swiftlet_embedder *embedder, const swiftlet_text *texts, size_t count,
    const swiftlet_embedding_options *options, swiftlet_embeddings **result,
    swiftlet_error **error);

/* The same into the caller's buffer: count * dimension floats, text by text. capacity is how many
 * floats it holds; too few is SWIFTLET_INVALID_ARGUMENT, and nothing is written. */
swiftlet_status swiftlet_embed_into(
    const swiftlet_embedder *embedder, const swiftlet_text *texts, size_t count,
    const swiftlet_embedding_options *options, float *vectors, size_t capacity,
    swiftlet_error **error);

void swiftlet_embeddings_free(swiftlet_embeddings *result);

/* ---- tokenizers ------------------------------------------------------------------------------- */

/* Loads the tokenizer of a model's folder alone: tokenizer.json or vocab.txt. */
swiftlet_status swiftlet_tokenizer_load(
    const char *directory, swiftlet_tokenizer **tokenizer, swiftlet_error **error);

void swiftlet_tokenizer_free(swiftlet_tokenizer *tokenizer);

/* How many tokens there are, added ones included; 0 if tokenizer is no live handle. */
size_t swiftlet_tokenizer_vocabulary_size(const swiftlet_tokenizer *tokenizer);

typedef struct swiftlet_tokenization_options {
  size_t size;                /* sizeof(swiftlet_tokenization_options) */
  uint32_t maximum_length;    /* tokens, special ones included; 0: no limit */
  uint8_t no_special_tokens;  /* 1: put none around the text */
  uint8_t reserved[3];        /* 0 */
} swiftlet_tokenization_options;

#define SWIFTLET_TOKENIZATION_OPTIONS_INIT \
  { sizeof(swiftlet_tokenization_options), 0, 0, { 0, 0, 0 } }

/* The tokens of a text, or of a pair. */
typedef struct swiftlet_tokens {
  size_t count;
  const int32_t *ids;       /* [count] */
  const int32_t *type_ids;  /* [count]: which text, as the model counts them */
  const size_t *begins;     /* [count]: where a token begins, in bytes of its text */
  const size_t *ends;       /* [count]: where it ends; both are 0 for special tokens around it */
  const uint8_t *special;   /* [count]: 1 for special tokens around the texts */
  size_t untruncated_count; /* how many there were before truncation */
} swiftlet_tokens;

/* pair and options may be NULL. */
swiftlet_status swiftlet_tokenize(
    const swiftlet_tokenizer *tokenizer, const swiftlet_text *text, const swiftlet_text *pair,
    const swiftlet_tokenization_options *options, swiftlet_tokens **result,
    swiftlet_error **error);

void swiftlet_tokens_free(swiftlet_tokens *result);

/* The text of ids, ended by NUL; ids that no token has are left out. skips_special_tokens is 0 or 1.
 * length may be NULL; it gets the bytes before the NUL. */
swiftlet_status swiftlet_decode(
    const swiftlet_tokenizer *tokenizer, const int32_t *ids, size_t count,
    int32_t skips_special_tokens, char **text, size_t *length, swiftlet_error **error);

void swiftlet_string_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
