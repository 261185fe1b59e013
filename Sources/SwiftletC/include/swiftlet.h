/*
 * Swiftlet's C interface: runs DistilBERT and BERT models on CPUs for every task, trains them, and
 * writes their folders in other forms. Valid C99 and C++.
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
 *   Handles  Models and tokenizers are identifiers, not addresses, and never reused: using a freed
 *            one returns SWIFTLET_INVALID_ARGUMENT, freeing it again does nothing. A call completes
 *            even if another thread frees its handle meanwhile.
 *   Results  Errors, answers, tokens and strings are memory: free each once, with its own function.
 *            Freeing NULL does nothing.
 *   Calls    A function of the caller that a call takes runs on the thread of that call. It may
 *            call this library, and must return: it must not leave by longjmp or an exception.
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
  SWIFTLET_NO_MASK = 13,
  /* A function of the caller ended the call. */
  SWIFTLET_CANCELLED = 14,
  /* A file of texts and labels is missing, has rows that can't be used, or none. */
  SWIFTLET_INVALID_DATA = 15,
  /* A training can't continue: its loss is not finite, or its checkpoint was changed. */
  SWIFTLET_TRAINING_FAILED = 16
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

/* A UTF-8 text, which must be valid during the call. May contain NUL if it has a length. A text in
 * a result is valid as long as the result, has a length, and a NUL after its last byte. */
typedef struct swiftlet_text {
  const char *bytes; /* may be NULL if length is 0 */
  size_t length;     /* in bytes, or SWIFTLET_NUL_TERMINATED */
} swiftlet_text;

/* ---- loading ---------------------------------------------------------------------------------- */

enum {
  SWIFTLET_PRECISION_AUTOMATIC = 0, /* int8 if the checkpoint stores int8, else float32 */
  SWIFTLET_PRECISION_FLOAT32 = 1,
  SWIFTLET_PRECISION_INT8 = 2,
  SWIFTLET_PRECISION_BFLOAT16 = 3 /* needs AVX512_BF16; SWIFTLET_ENGINE without it */
};

/* Returns 1 if models can be loaded in a precision, by the processor and by SWIFTLET_ISA; else, and
 * for other numbers, 0. */
int32_t swiftlet_precision_supported(int32_t precision);

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
  int32_t normalization;    /* SWIFTLET_NORMALIZATION_...; must be 0 except for embedders */
  int32_t allow_other_task; /* 1: load a model made for another task; 0: return an error */
} swiftlet_model_options;

#define SWIFTLET_MODEL_OPTIONS_INIT { sizeof(swiftlet_model_options), 0, 0, 0, 0, 0, 0 }

/* What to do with a text that has more tokens than the model's maximum. */
enum {
  SWIFTLET_LONG_TEXT_TRUNCATE = 0, /* truncate it, and set truncated in the result */
  SWIFTLET_LONG_TEXT_ERROR = 1,    /* return SWIFTLET_TEXT_TOO_LONG */
  SWIFTLET_LONG_TEXT_WINDOW = 2    /* compute overlapping windows; only for classifiers and token
                                    * classifiers */
};

/* Returns the folder of the model "sentiment", which is installed with the library, as a string for
 * the _load functions. It has the labels NEGATIVE and POSITIVE, for English. */
swiftlet_status swiftlet_bundled_model(
    const char *name, char **directory, swiftlet_error **error);

/* The prompt that is prepended to each text, and to the first of a pair. */
enum {
  SWIFTLET_PROMPT_AUTOMATIC = 0, /* the model's default prompt, if it has one */
  SWIFTLET_PROMPT_NONE = 1,
  SWIFTLET_PROMPT_NAMED = 2,     /* the model's prompt with the name in the field prompt */
  SWIFTLET_PROMPT_TEXT = 3       /* the text in the field prompt */
};

/* ---- classifiers ------------------------------------------------------------------------------ */

/* A sequence classifier. */
typedef struct swiftlet_classifier swiftlet_classifier;
typedef struct swiftlet_tokenizer swiftlet_tokenizer;

/* Loads a folder with config.json, weights of safetensors, PyTorch or ONNX, and tokenizer.json or
 * vocab.txt. options may be NULL. */
swiftlet_status swiftlet_classifier_load(
    const char *directory, const swiftlet_model_options *options,
    swiftlet_classifier **classifier, swiftlet_error **error);

void swiftlet_classifier_free(swiftlet_classifier *classifier);

/* Returns the number of labels; 0 if classifier is not a live handle. */
size_t swiftlet_classifier_label_count(const swiftlet_classifier *classifier);

/* Returns the label of a score's index; NULL for another index. Valid as long as the classifier. */
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
  /* since 0.2 */
  uint32_t top_k;         /* labels of each row of ranked; 0: all */
  float minimum_score;    /* the best label is decided if its score reaches it; 0: always */
  float threshold;        /* a label is accepted if its score reaches it; 0 means 0.5 */
  int32_t prompt_kind;    /* SWIFTLET_PROMPT_... */
  const char *prompt;     /* ends in NUL; must be NULL for other kinds than NAMED and TEXT */
  const float *label_thresholds; /* [label_count], used in place of threshold; or NULL */
  size_t label_threshold_count;  /* label_count of the classifier; 0 with NULL */
} swiftlet_classification_options;

#define SWIFTLET_CLASSIFICATION_OPTIONS_INIT \
  { sizeof(swiftlet_classification_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0 }

/* The classifications of texts, in their order; row i begins at i * label_count. */
typedef struct swiftlet_classifications {
  size_t count;                 /* number of texts */
  size_t label_count;
  const float *scores;          /* [count][label_count], in the order of the labels */
  const float *logits;          /* [count][label_count] */
  const size_t *best;           /* [count]: the label with the highest score, the first of equals */
  const uint32_t *token_counts; /* [count]: tokens before truncation, special tokens included */
  const uint8_t *truncated;     /* [count]: 1 if the text was truncated */
  /* since 0.2 */
  size_t ranked_count;          /* top_k, but at most label_count */
  const size_t *ranked;         /* [count][ranked_count]: labels by score, the best first */
  const uint8_t *accepted;      /* [count][label_count]: 1 if the score reaches the threshold */
  const uint8_t *decided;       /* [count]: 1 if the best score reaches minimum_score */
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

/* A function of the caller: writes the next text to *text and returns 1, or returns 0 at the end of
 * the texts, or a negative number to cancel the call. The bytes must be valid until the function is
 * called again. */
typedef int32_t (*swiftlet_text_source)(void *context, swiftlet_text *text);

/* A function of the caller: receives the answers of a batch; first is the index of its first text,
 * from 0. The answers are valid until it returns. Returns 0 to continue, another number to cancel
 * the call. */
typedef int32_t (*swiftlet_classification_sink)(
    void *context, const swiftlet_classifications *answers, size_t first);

/* Classifies a stream of texts in bounded memory: takes up to batch_size texts from source (0 means
 * 256), classifies them as one batch, passes the answers to sink, and repeats. If a text fails, sink
 * receives the answers of all texts before it; the error's text index counts from the beginning of
 * the stream. Returns SWIFTLET_CANCELLED if one of the functions cancels. */
swiftlet_status swiftlet_classify_stream(
    const swiftlet_classifier *classifier, swiftlet_text_source source,
    swiftlet_classification_sink sink, void *context, size_t batch_size,
    const swiftlet_classification_options *options, swiftlet_error **error);

/* Computes the temperature with which softmax fits the labels of count texts best, a number between
 * 0.05 and 20 for the option temperature. logits is [count][label_count], as in a result; labels
 * has the index of each text's right label. Use texts that the model was not trained on. */
swiftlet_status swiftlet_fit_temperature(
    const float *logits, const size_t *labels, size_t count, size_t label_count,
    float *temperature, swiftlet_error **error);

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

/* The role of a text in a search. */
enum {
  SWIFTLET_ROLE_NONE = 0,
  SWIFTLET_ROLE_QUERY = 1,   /* as encode_query: the prompt "query", the length query_length */
  SWIFTLET_ROLE_DOCUMENT = 2 /* as encode_document: "document" and document_length */
};

typedef struct swiftlet_embedding_options {
  size_t size;         /* sizeof(swiftlet_embedding_options) */
  int32_t long_text;   /* SWIFTLET_LONG_TEXT_TRUNCATE or _ERROR */
  int32_t prompt_kind; /* SWIFTLET_PROMPT_... */
  const char *prompt;  /* ends in NUL; must be NULL for other kinds than NAMED and TEXT */
  /* since 0.2 */
  int32_t role;        /* SWIFTLET_ROLE_...; sets the prompt if that is automatic, and the length */
  int32_t reserved;    /* 0 */
} swiftlet_embedding_options;

#define SWIFTLET_EMBEDDING_OPTIONS_INIT { sizeof(swiftlet_embedding_options), 0, 0, NULL, 0, 0 }

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

/* ---- token classifiers ------------------------------------------------------------------------- */

/* A token classifier: finds entities. */
typedef struct swiftlet_token_classifier swiftlet_token_classifier;

/* Loads a model's folder. options may be NULL. */
swiftlet_status swiftlet_token_classifier_load(
    const char *directory, const swiftlet_model_options *options,
    swiftlet_token_classifier **classifier, swiftlet_error **error);

void swiftlet_token_classifier_free(swiftlet_token_classifier *classifier);

/* Returns the maximum length of a text in tokens, special tokens included; 0 if classifier is not a
 * live handle. */
size_t swiftlet_token_classifier_max_length(const swiftlet_token_classifier *classifier);

/* Gets the model's tokenizer as a handle of its own, which must be freed. */
swiftlet_status swiftlet_token_classifier_tokenizer(
    const swiftlet_token_classifier *classifier, swiftlet_tokenizer **tokenizer,
    swiftlet_error **error);

/* Returns the number of labels; 0 if classifier is not a live handle. */
size_t swiftlet_token_classifier_label_count(const swiftlet_token_classifier *classifier);

/* Returns a label by its index; NULL for another index. Valid as long as the classifier. */
const char *swiftlet_token_classifier_label(
    const swiftlet_token_classifier *classifier, size_t index);

/* How tokens are aggregated to words and groups; the names are transformers'. */
enum {
  SWIFTLET_AGGREGATION_NONE = 0,    /* every token separately */
  SWIFTLET_AGGREGATION_SIMPLE = 1,  /* groups neighbours with the same label, even within words */
  SWIFTLET_AGGREGATION_FIRST = 2,   /* labels a word by its first token, then groups */
  SWIFTLET_AGGREGATION_AVERAGE = 3, /* labels a word by the mean of its tokens, then groups */
  SWIFTLET_AGGREGATION_MAX = 4      /* labels a word by its token with the highest score */
};

typedef struct swiftlet_token_classification_options {
  size_t size;                 /* sizeof(swiftlet_token_classification_options) */
  int32_t aggregation;         /* SWIFTLET_AGGREGATION_... */
  int32_t long_text;           /* SWIFTLET_LONG_TEXT_...; _WINDOW needs an aggregation */
  uint32_t window_stride;      /* the overlap of neighbouring windows, in tokens */
  int32_t keeps_all_labels;    /* 1: ignored_labels must be NULL, and "O" is returned too */
  const char *const *ignored_labels; /* labels to leave out, without prefix for groups; NULL: "O" */
  size_t ignored_label_count;  /* 0 with NULL */
} swiftlet_token_classification_options;

#define SWIFTLET_TOKEN_CLASSIFICATION_OPTIONS_INIT \
  { sizeof(swiftlet_token_classification_options), 0, 0, 0, 0, NULL, 0 }

/* The entities of texts; those of text i are starts[i] to starts[i + 1] - 1, in the text's order. */
typedef struct swiftlet_entities {
  size_t count;                    /* number of texts */
  const size_t *starts;            /* [count + 1]; starts[count] is the number of entities */
  const char *const *labels;       /* of a token as "B-PER", of a group as "PER" */
  const float *scores;             /* the probability of the label; for groups the mean */
  const swiftlet_text *words;      /* decoded tokens, in lower case if the model is uncased */
  const size_t *begins;            /* start offsets, in bytes of the text */
  const size_t *ends;              /* end offsets */
  const size_t *code_point_begins; /* the offsets of Python's strings */
  const size_t *code_point_ends;
  const int64_t *token_indices;    /* the token's index in its sequence; -1 for groups */
  const uint32_t *token_counts;    /* [count]: tokens before truncation, with special tokens */
  const uint8_t *truncated;        /* [count]: 1 if the text was truncated */
} swiftlet_entities;

/* Classifies the tokens of count texts as one batch. options may be NULL. */
swiftlet_status swiftlet_classify_tokens(
    const swiftlet_token_classifier *classifier, const swiftlet_text *texts, size_t count,
    const swiftlet_token_classification_options *options, swiftlet_entities **result,
    swiftlet_error **error);

void swiftlet_entities_free(swiftlet_entities *result);

/* ---- question answering ------------------------------------------------------------------------ */

/* Answers questions by spans of a context. */
typedef struct swiftlet_question_answerer swiftlet_question_answerer;

/* Loads a model's folder. options may be NULL. */
swiftlet_status swiftlet_question_answerer_load(
    const char *directory, const swiftlet_model_options *options,
    swiftlet_question_answerer **answerer, swiftlet_error **error);

void swiftlet_question_answerer_free(swiftlet_question_answerer *answerer);

/* Returns the maximum length of a text in tokens, special tokens included; 0 if answerer is not a
 * live handle. */
size_t swiftlet_question_answerer_max_length(const swiftlet_question_answerer *answerer);

/* Gets the model's tokenizer as a handle of its own, which must be freed. */
swiftlet_status swiftlet_question_answerer_tokenizer(
    const swiftlet_question_answerer *answerer, swiftlet_tokenizer **tokenizer,
    swiftlet_error **error);

/* The doc_stride of windows that do not overlap. */
#define SWIFTLET_NO_OVERLAP ((uint32_t)-1)

typedef struct swiftlet_question_options {
  size_t size;                  /* sizeof(swiftlet_question_options) */
  uint32_t top_k;               /* the maximum number of answers; 0 means 1 */
  uint32_t max_answer_length;   /* in tokens; 0 means 15 */
  uint32_t max_length;          /* tokens of a window; 0: 384, or the model's maximum if smaller */
  uint32_t max_question_length; /* in tokens, longer questions are truncated; 0: no limit */
  uint32_t doc_stride;          /* overlap of windows in tokens; 0: 128, or half of max_length */
  int32_t impossible_answers;   /* 1: the empty text, "there is no answer", may be an answer */
  int32_t splits_words;         /* 1: answers may begin and end within words */
  int32_t reserved;             /* 0 */
} swiftlet_question_options;

#define SWIFTLET_QUESTION_OPTIONS_INIT \
  { sizeof(swiftlet_question_options), 0, 0, 0, 0, 0, 0, 0, 0 }

/* The answers to questions; those to question i are starts[i] to starts[i + 1] - 1, best first. */
typedef struct swiftlet_answers {
  size_t count;                    /* number of questions */
  const size_t *starts;            /* [count + 1]; starts[count] is the number of answers */
  const swiftlet_text *texts;      /* spans of the context; length 0 for "there is no answer" */
  const float *scores;             /* probabilities */
  const size_t *begins;            /* start offsets, in bytes of the context */
  const size_t *ends;              /* end offsets */
  const size_t *code_point_begins; /* the offsets of Python's strings */
  const size_t *code_point_ends;
  const uint32_t *token_counts;    /* [count]: tokens of question and context */
  const uint32_t *window_counts;   /* [count]: windows of the context */
  const uint8_t *truncated;        /* [count]: 1 if the question was truncated; contexts are not */
} swiftlet_answers;

/* Answers count questions as one batch: questions[i] by contexts[i]. options may be NULL. */
swiftlet_status swiftlet_answer(
    const swiftlet_question_answerer *answerer, const swiftlet_text *questions,
    const swiftlet_text *contexts, size_t count, const swiftlet_question_options *options,
    swiftlet_answers **result, swiftlet_error **error);

void swiftlet_answers_free(swiftlet_answers *result);

/* ---- mask filling ------------------------------------------------------------------------------ */

/* A masked language model: predicts the tokens for [MASK]. */
typedef struct swiftlet_mask_filler swiftlet_mask_filler;

/* Loads a model's folder. options may be NULL. */
swiftlet_status swiftlet_mask_filler_load(
    const char *directory, const swiftlet_model_options *options,
    swiftlet_mask_filler **filler, swiftlet_error **error);

void swiftlet_mask_filler_free(swiftlet_mask_filler *filler);

/* Returns the maximum length of a text in tokens, special tokens included; 0 if filler is not a
 * live handle. */
size_t swiftlet_mask_filler_max_length(const swiftlet_mask_filler *filler);

/* Gets the model's tokenizer as a handle of its own, which must be freed. */
swiftlet_status swiftlet_mask_filler_tokenizer(
    const swiftlet_mask_filler *filler, swiftlet_tokenizer **tokenizer, swiftlet_error **error);

typedef struct swiftlet_mask_options {
  size_t size;                  /* sizeof(swiftlet_mask_options) */
  uint32_t top_k;               /* the maximum number of candidates for a mask; 0 means 5 */
  int32_t long_text;            /* SWIFTLET_LONG_TEXT_TRUNCATE or _ERROR */
  const swiftlet_text *targets; /* tokens to choose from; NULL: the whole vocabulary */
  size_t target_count;          /* 0 with NULL */
} swiftlet_mask_options;

#define SWIFTLET_MASK_OPTIONS_INIT { sizeof(swiftlet_mask_options), 0, 0, NULL, 0 }

/* The candidates for the masks of texts. Masks of text i are mask_starts[i] to mask_starts[i + 1] -
 * 1, candidates for mask m are candidate_starts[m] to candidate_starts[m + 1] - 1, best first. */
typedef struct swiftlet_fillings {
  size_t count;                   /* number of texts */
  const size_t *mask_starts;      /* [count + 1]; mask_starts[count] is the number of masks */
  const size_t *candidate_starts; /* [number of masks + 1] */
  const swiftlet_text *tokens;    /* decoded */
  const int32_t *token_ids;
  const float *scores;            /* probabilities over the whole vocabulary */
  const swiftlet_text *sequences; /* the text with the token in place of the mask */
  const uint32_t *token_counts;   /* [count]: tokens before truncation, with special tokens */
  const uint8_t *truncated;       /* [count]: 1 if the text was truncated */
} swiftlet_fillings;

/* Fills the masks of count texts as one batch, each mask independently. options may be NULL. */
swiftlet_status swiftlet_fill_masks(
    const swiftlet_mask_filler *filler, const swiftlet_text *texts, size_t count,
    const swiftlet_mask_options *options, swiftlet_fillings **result, swiftlet_error **error);

void swiftlet_fillings_free(swiftlet_fillings *result);

/* ---- zero-shot classification ------------------------------------------------------------------ */

/* A model for natural language inference: classifies by labels that a call names. */
typedef struct swiftlet_zero_shot_classifier swiftlet_zero_shot_classifier;

/* Loads a model's folder. options may be NULL. */
swiftlet_status swiftlet_zero_shot_classifier_load(
    const char *directory, const swiftlet_model_options *options,
    swiftlet_zero_shot_classifier **classifier, swiftlet_error **error);

void swiftlet_zero_shot_classifier_free(swiftlet_zero_shot_classifier *classifier);

/* Returns the maximum length of a text in tokens, special tokens included; 0 if classifier is not a
 * live handle. */
size_t swiftlet_zero_shot_classifier_max_length(const swiftlet_zero_shot_classifier *classifier);

/* Gets the model's tokenizer as a handle of its own, which must be freed. */
swiftlet_status swiftlet_zero_shot_classifier_tokenizer(
    const swiftlet_zero_shot_classifier *classifier, swiftlet_tokenizer **tokenizer,
    swiftlet_error **error);

typedef struct swiftlet_zero_shot_options {
  size_t size;                     /* sizeof(swiftlet_zero_shot_options) */
  const char *hypothesis_template; /* ends in NUL, {} is the label; NULL: "This example is {}." */
  int32_t multi_label;             /* 1: independent scores; 0: scores that add up to 1 */
  int32_t long_text;               /* SWIFTLET_LONG_TEXT_TRUNCATE or _ERROR */
} swiftlet_zero_shot_options;

#define SWIFTLET_ZERO_SHOT_OPTIONS_INIT { sizeof(swiftlet_zero_shot_options), NULL, 0, 0 }

/* The scores of the labels of a call; row i begins at i * label_count. */
typedef struct swiftlet_zero_shot_classifications {
  size_t count;                 /* number of texts */
  size_t label_count;
  const float *scores;          /* [count][label_count], in the order of the labels of the call */
  const size_t *ranked;         /* [count][label_count]: labels by score, the best first */
  const uint32_t *token_counts; /* [count]: with the longest hypothesis, before truncation */
  const uint8_t *truncated;     /* [count]: 1 if the text was truncated */
} swiftlet_zero_shot_classifications;

/* Classifies count texts by label_count labels as one batch. options may be NULL. */
swiftlet_status swiftlet_classify_zero_shot(
    const swiftlet_zero_shot_classifier *classifier, const swiftlet_text *texts, size_t count,
    const swiftlet_text *labels, size_t label_count, const swiftlet_zero_shot_options *options,
    swiftlet_zero_shot_classifications **result, swiftlet_error **error);

void swiftlet_zero_shot_classifications_free(swiftlet_zero_shot_classifications *result);

/* ---- multiple choice --------------------------------------------------------------------------- */

/* Chooses the ending or the answer that fits a text best. */
typedef struct swiftlet_multiple_choice swiftlet_multiple_choice;

/* Loads a model's folder. options may be NULL. */
swiftlet_status swiftlet_multiple_choice_load(
    const char *directory, const swiftlet_model_options *options,
    swiftlet_multiple_choice **model, swiftlet_error **error);

void swiftlet_multiple_choice_free(swiftlet_multiple_choice *model);

/* Returns the maximum length of a text in tokens, special tokens included; 0 if model is not a
 * live handle. */
size_t swiftlet_multiple_choice_max_length(const swiftlet_multiple_choice *model);

/* Gets the model's tokenizer as a handle of its own, which must be freed. */
swiftlet_status swiftlet_multiple_choice_tokenizer(
    const swiftlet_multiple_choice *model, swiftlet_tokenizer **tokenizer, swiftlet_error **error);

typedef struct swiftlet_choice_options {
  size_t size;       /* sizeof(swiftlet_choice_options) */
  int32_t long_text; /* SWIFTLET_LONG_TEXT_TRUNCATE or _ERROR */
  int32_t reserved;  /* 0 */
} swiftlet_choice_options;

#define SWIFTLET_CHOICE_OPTIONS_INIT { sizeof(swiftlet_choice_options), 0, 0 }

/* The scores of the choices of a text. */
typedef struct swiftlet_choice {
  size_t count;         /* number of choices */
  size_t best;          /* the choice with the highest score, the first of equals */
  const float *scores;  /* [count]: probabilities that add up to 1 */
  const float *logits;  /* [count] */
  uint32_t token_count; /* of the text with the longest choice, before truncation */
  int32_t truncated;    /* 1 if the text or a choice was truncated */
} swiftlet_choice;

/* Chooses among count choices. options may be NULL. An error's text index is that of a choice. */
swiftlet_status swiftlet_choose(
    const swiftlet_multiple_choice *model, const swiftlet_text *text, const swiftlet_text *choices,
    size_t count, const swiftlet_choice_options *options, swiftlet_choice **result,
    swiftlet_error **error);

void swiftlet_choice_free(swiftlet_choice *result);

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

/* ---- folders ----------------------------------------------------------------------------------- */

/* Functions for folders take their options as a JSON object, or NULL for the defaults. Its keys are
 * the flags of the program swiftlet without their first dashes: {"epochs": 2, "seed": 7}. Flags
 * without a value are true or false; null is the default. An unknown key is an error. The functions
 * return a report, a JSON object in one line that swiftlet_string_free frees; report may be NULL.
 * Later versions may add keys to options, reports and events. docs/c-library.md lists all keys.
 *
 * A folder is written beside output and renamed when it is complete. */

/* Writes the model in directory with int8 weights to the new folder output. Options: "force",
 * "threads". Report: "folder", "original_bytes", "quantized_bytes", "int8_bytes". */
swiftlet_status swiftlet_quantize(
    const char *directory, const char *output, const char *options, char **report,
    swiftlet_error **error);

/* Writes the model in directory, of any format that Swiftlet reads, to the new folder output as
 * save_pretrained of transformers does. Options: "dtype". Report: "folder", "original_files",
 * "original_bytes", "converted_bytes". */
swiftlet_status swiftlet_convert(
    const char *directory, const char *output, const char *options, char **report,
    swiftlet_error **error);

/* Writes the model in directory as ONNX to the new folder output. Options: "opset", "task",
 * "quantize", "link", "force". Report: "folder", "task", "files" with "name" and "bytes". */
swiftlet_status swiftlet_export(
    const char *directory, const char *output, const char *options, char **report,
    swiftlet_error **error);

/* Evaluates the classifier or token classifier in directory on the labelled rows of a file: .csv,
 * .tsv, .jsonl or .conll. Options: those of swiftlet_train that say how files are read, "max-length"
 * and "threads". Report: "rows", "skipped", "metrics", "labels", "confusion" and more. */
swiftlet_status swiftlet_evaluate(
    const char *directory, const char *file, const char *options, char **report,
    swiftlet_error **error);

/* ---- training ---------------------------------------------------------------------------------- */

/* A function of the caller: receives an event of a training, a JSON object in one line that ends in
 * NUL, with its length, valid until the function returns: the events of "swiftlet train --json".
 * Further events "step" come when a second has passed without an event. Returns 0 to continue, another
 * number to cancel the training. */
typedef int32_t (*swiftlet_event_sink)(void *context, const char *event, size_t length);

/* Trains a model on labelled rows. Options: the flags of "swiftlet train". "model" and "file" must be
 * there, and "output" unless "dry-run" is true:
 *
 *   {"model": "path/to/base", "file": "reviews.csv", "output": "my-model", "epochs": 2}
 *
 * sink may be NULL; context is passed to it. The report is the last event, "result", with the
 * metrics of the written model; that of a dry run is the event "planned".
 *
 * A cancelled training returns SWIFTLET_CANCELLED after the running step and leaves a checkpoint in
 * output. The same options with "resume": true continue it, and give the same bytes. */
swiftlet_status swiftlet_train(
    const char *options, swiftlet_event_sink sink, void *context, char **report,
    swiftlet_error **error);

#ifdef __cplusplus
}
#endif

#endif
