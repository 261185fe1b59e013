/* Training, evaluation, and other forms of a folder: what they report, how they are cancelled and
 * continued, and what bad options return. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>

static const char *model, *data, *output;
static swiftlet_error *error = NULL;

/* Events so far, and when to cancel. */
typedef struct record {
  int count;
  int evaluated;
  int planned;
  int results;
  int after_cancel;
  int cancel_at; /* the event that cancels; 0 for none */
  pthread_t thread;
  char last[4096];
} record;

static int32_t receive(void *context, const char *event, size_t length) {
  record *events = context;
  events->count++;
  CHECK("an event comes on the thread of the call", pthread_equal(events->thread, pthread_self()));
  events->after_cancel += events->cancel_at > 0 && events->count > events->cancel_at;
  events->evaluated += strstr(event, "\"event\":\"evaluated\"") != NULL;
  events->planned += strstr(event, "\"event\":\"planned\"") != NULL;
  events->results += strstr(event, "\"event\":\"result\"") != NULL;
  CHECK("an event has its length, and is one line",
        strlen(event) == length && strchr(event, '\n') == NULL && event[0] == '{');
  snprintf(events->last, sizeof events->last, "%s", event);
  return events->cancel_at == events->count;
}

/* Options with the paths of this test; the last four stay valid. */
static const char *options(const char *folder, const char *more) {
  static char texts[4][16384];
  static int next = 0;
  char *text = texts[next++ % 4];
  snprintf(text, sizeof texts[0],
           "{\"model\":\"%s\",\"file\":\"%s\",\"output\":\"%s/%s\",\"method\":\"head\","
           "\"max-steps\":6,\"batch-size\":4,\"evaluate-every\":2,\"log-every\":1,"
           "\"validation\":0.25,\"threads\":2%s}",
           model, data, output, folder, more);
  return text;
}

static char *contents(const char *folder, const char *name, size_t *size) {
  FILE *file = fopen(below(below(output, folder), name), "rb");
  char *bytes = NULL;
  *size = 0;
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  bytes = malloc(*size + 1);
  if (fread(bytes, 1, *size, file) != *size) *size = 0;
  fclose(file);
  return bytes;
}

static int same_weights(const char *first, const char *second) {
  size_t sizes[2];
  char *bytes[2];
  int same;
  bytes[0] = contents(first, "model.safetensors", &sizes[0]);
  bytes[1] = contents(second, "model.safetensors", &sizes[1]);
  same = bytes[0] != NULL && bytes[1] != NULL && sizes[0] == sizes[1] && sizes[0] > 1000
      && memcmp(bytes[0], bytes[1], sizes[0]) == 0;
  free(bytes[0]);
  free(bytes[1]);
  return same;
}

static void check_training(void) {
  record events;
  char *report = NULL;
  swiftlet_classifier *classifier = NULL;
  swiftlet_text input = text("A good film.");
  float logits[2];

  memset(&events, 0, sizeof events);
  events.thread = pthread_self();
  CHECK("a model is trained",
        succeeds(swiftlet_train(options("trained", ""), receive, &events, &report, &error), &error));
  CHECK("events come in order, the result last",
        events.planned == 1 && events.evaluated == 3 && events.results == 1
        && report != NULL && strcmp(report, events.last) == 0);
  CHECK("the report has the metrics",
        strstr(report, "\"reason\":\"completed\"") != NULL && strstr(report, "\"accuracy\":") != NULL
        && strstr(report, "\"step\":6") != NULL);
  swiftlet_string_free(report);
  CHECK("the trained model is loaded and classifies",
        succeeds(swiftlet_classifier_load(below(output, "trained"), NULL, &classifier, &error),
                 &error)
        && swiftlet_classifier_label_count(classifier) == 2
        && succeeds(swiftlet_logits(classifier, &input, 1, NULL, logits, 2, &error), &error));
  swiftlet_classifier_free(classifier);
  CHECK("a training needs neither a sink nor a report",
        succeeds(swiftlet_train(options("again", ""), NULL, NULL, NULL, &error), &error));
  CHECK("the same options give the same bytes", same_weights("trained", "again"));
  CHECK("a folder is not replaced",
        fails(swiftlet_train(options("again", ""), NULL, NULL, &report, &error), SWIFTLET_UNWRITABLE,
              &error, "again", -1) && report == NULL);
}

static void check_cancelling(void) {
  record events;
  char *report = NULL;
  memset(&events, 0, sizeof events);
  events.thread = pthread_self();
  events.cancel_at = 5;
  CHECK("a sink cancels",
        fails(swiftlet_train(options("stopped", ""), receive, &events, &report, &error),
              SWIFTLET_CANCELLED, &error, "cancelled after step", -1) && report == NULL);
  CHECK("it is not called again", events.after_cancel == 0 && events.results == 0);
  CHECK("the checkpoint is not overwritten by accident",
        fails(swiftlet_train(options("stopped", ""), NULL, NULL, NULL, &error),
              SWIFTLET_INVALID_OPTION, &error, "--resume", -1));
  CHECK("the training goes on",
        succeeds(swiftlet_train(options("stopped", ",\"resume\":true"), NULL, NULL, NULL, &error),
                 &error));
  CHECK("it has the same bytes", same_weights("trained", "stopped"));
}

static void check_plan(void) {
  record events;
  char *report = NULL;
  size_t size;
  memset(&events, 0, sizeof events);
  events.thread = pthread_self();
  CHECK("a dry run has a plan",
        succeeds(swiftlet_train(options("planned", ",\"dry-run\":true"), receive, &events, &report,
                                &error), &error)
        && events.planned == 1 && strstr(report, "\"total_steps\":6") != NULL);
  swiftlet_string_free(report);
  CHECK("it writes nothing", contents("planned", "config.json", &size) == NULL);
}

static void check_options(void) {
#define REFUSED(more, status, part)                                                            \
  CHECK("an option is refused",                                                                \
        fails(swiftlet_train(options("refused", more), NULL, NULL, NULL, &error), status, &error, \
              part, -1))
  REFUSED(",\"epoch\":2", SWIFTLET_INVALID_OPTION, "\"epoch\" is not an option of this call");
  REFUSED(",\"epochs\":\"many\"", SWIFTLET_INVALID_OPTION, "--epochs is 'many'");
  REFUSED(",\"learning-rate\":-1", SWIFTLET_INVALID_OPTION, "--learning-rate is -1");
  REFUSED(",\"class-weights\":[1,2,3]", SWIFTLET_INVALID_OPTION, "has 3 weights");
  REFUSED(",\"loss\":\"ranking\"", SWIFTLET_INVALID_OPTION, "is for --task embed");
  REFUSED(",\"class-weights\":{}", SWIFTLET_INVALID_OPTION, "an array of them");
  REFUSED(",\"resume\":1", SWIFTLET_INVALID_OPTION, "must be true or false");
  REFUSED(",\"resume\":true", SWIFTLET_INVALID_OPTION, "no checkpoint");
  REFUSED(",\"resume\":true,\"force\":true", SWIFTLET_INVALID_OPTION, "give one of them");
  REFUSED(",\"task\":\"poems\"", SWIFTLET_INVALID_OPTION, "must be one of");
  REFUSED(",\"delimiter\":\"ab\"", SWIFTLET_INVALID_OPTION, "one ASCII character");
  REFUSED(",\"threads\":2", SWIFTLET_INVALID_OPTION, "duplicate key");
  REFUSED(",\"label-column\":\"stars\"", SWIFTLET_INVALID_DATA, "no column");
  REFUSED(",\"input-format\":\"conll\",\"no-header\":true", SWIFTLET_INVALID_DATA, "");
  REFUSED(",", SWIFTLET_INVALID_OPTION, "expected an object in JSON");
  CHECK("options are needed",
        fails(swiftlet_train(NULL, NULL, NULL, NULL, &error), SWIFTLET_INVALID_ARGUMENT, &error,
              "options is NULL", -1));
  CHECK("an object is needed",
        fails(swiftlet_train("[]", NULL, NULL, NULL, &error), SWIFTLET_INVALID_OPTION, &error,
              "expected an object", -1));
  CHECK("a model is needed",
        fails(swiftlet_train("{}", NULL, NULL, NULL, &error), SWIFTLET_INVALID_OPTION, &error,
              "\"model\" is missing", -1));
  CHECK("a missing model is an error",
        fails(swiftlet_train("{\"model\":\"missing\",\"file\":\"x.csv\",\"output\":\"y\"}", NULL, NULL,
                             NULL, &error), SWIFTLET_MISSING_FILE, &error, "missing", -1));
  CHECK("options must be UTF-8",
        fails(swiftlet_train("{\"model\":\"\xFF\"}", NULL, NULL, NULL, &error),
              SWIFTLET_INVALID_UTF8, &error, "options is not UTF-8", -1));
}

static void check_evaluation(void) {
  char *report = NULL;
  CHECK("a model is evaluated",
        succeeds(swiftlet_evaluate(below(output, "trained"), data, "{\"threads\":1}", &report,
                                   &error), &error)
        && strstr(report, "\"task\":\"classify\"") != NULL
        && strstr(report, "\"accuracy\":") != NULL && strstr(report, "\"confusion\":[[") != NULL
        && strstr(report, "\"label\":\"good\"") != NULL);
  printf("%s\n", report);
  swiftlet_string_free(report);
  CHECK("another task is refused",
        fails(swiftlet_evaluate(below(output, "trained"), data, "{\"task\":\"tag\"}", &report,
                                &error), SWIFTLET_INVALID_OPTION, &error, "--task", -1)
        && report == NULL);
  CHECK("options of a training are refused",
        fails(swiftlet_evaluate(below(output, "trained"), data, "{\"epochs\":1}", &report, &error),
              SWIFTLET_INVALID_OPTION, &error, "\"epochs\" is not an option", -1));
  CHECK("a missing file is an error",
        fails(swiftlet_evaluate(below(output, "trained"), "missing.csv", NULL, &report, &error),
              SWIFTLET_INVALID_DATA, &error, "missing.csv", -1));
}

static void check_folders(void) {
  char *report = NULL;
  const char *trained = below(output, "trained");
  CHECK("a model is quantised",
        succeeds(swiftlet_quantize(trained, below(output, "int8"), NULL, &report, &error), &error)
        && strstr(report, "\"quantized_bytes\":") != NULL);
  swiftlet_string_free(report);
  CHECK("an int8 model is evaluated too",
        succeeds(swiftlet_evaluate(below(output, "int8"), data, NULL, NULL, &error), &error));
  CHECK("an int8 folder is replaced if that is wanted",
        fails(swiftlet_quantize(trained, below(output, "int8"), NULL, NULL, &error),
              SWIFTLET_UNWRITABLE, &error, "int8", -1)
        && succeeds(swiftlet_quantize(trained, below(output, "int8"), "{\"force\":true}", NULL,
                                      &error), &error));
  CHECK("a model is converted",
        succeeds(swiftlet_convert(trained, below(output, "half"), "{\"dtype\":\"float16\"}", &report,
                                  &error), &error)
        && strstr(report, "\"original_files\":[") != NULL);
  swiftlet_string_free(report);
  CHECK("a type of numbers must exist",
        fails(swiftlet_convert(trained, below(output, "other"), "{\"dtype\":\"float8\"}", &report,
                               &error), SWIFTLET_INVALID_OPTION, &error, "float32, float16", -1)
        && report == NULL);
  CHECK("a model is exported",
        succeeds(swiftlet_export(trained, below(output, "onnx"),
                                 "{\"opset\":17,\"task\":\"text-classification\"}", &report, &error),
                 &error)
        && strstr(report, "onnx/model.onnx") != NULL);
  swiftlet_string_free(report);
  CHECK("a version of the operators must exist",
        fails(swiftlet_export(trained, below(output, "other"), "{\"opset\":3}", NULL, &error),
              SWIFTLET_INVALID_OPTION, &error, "14, 17, 20", -1));
}

int main(int count, char **arguments) {
  if (count != 4) return 64;
  model = arguments[1];
  data = arguments[2];
  output = arguments[3];
  check_training();
  check_cancelling();
  check_plan();
  check_options();
  check_evaluation();
  check_folders();
  return report("training");
}
