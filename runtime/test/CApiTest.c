/* The C ABI, used from C. */
#include "gradmill/runtime.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: %s (last error: %s)\n", __FILE__, __LINE__,      \
              #condition, gm_last_error());                                    \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

static float images[40 * 784], output[40 * 10];
static int32_t labels[16];

static void check_facts(gm_model *model) {
  int64_t shape[3] = {0, 0, 0};
  CHECK(gm_runtime_abi() == GRADMILL_RUNTIME_ABI);
  CHECK(strcmp(gm_model_name(model), "fake") == 0);
  CHECK(strstr(gm_model_manifest(model), "\"fake\"") != NULL);
  CHECK(gm_model_input_elements(model) == 784);
  CHECK(gm_model_classes(model) == 10);
  CHECK(gm_model_infer_batch(model) == 32 && gm_model_train_batch(model) == 16);
  CHECK(gm_model_input_shape(model, shape, 2) == 3);
  CHECK(shape[0] == 1 && shape[1] == 28 && shape[2] == 0);
  CHECK(gm_model_name(NULL) == NULL && gm_model_classes(NULL) == 0);
}

static void check_training(gm_model *model) {
  float first = 0, loss = 0;
  uint8_t pixel[784];
  for (int i = 0; i < 16; ++i) {
    labels[i] = i % 10;
    memset(pixel, 0, sizeof pixel);
    memset(pixel + 28 * (labels[i] + 3), 255, 28);
    CHECK(gm_model_normalize(model, pixel, 1, images + i * 784) == GM_OK);
  }
  CHECK(gm_model_init(model, 3) == GM_OK);
  for (int step = 0; step < 50; ++step) {
    CHECK(gm_model_train_step(model, images, labels, 0.05f, 1, step, &loss) ==
          GM_OK);
    first = step ? first : loss;
  }
  CHECK(loss < 0.2f * first);
  labels[4] = 10;
  CHECK(gm_model_train_step(model, images, labels, 0.1f, 1, 0, NULL) ==
        GM_USAGE);
  CHECK(strcmp(gm_last_error_code(), "bad_label") == 0);
}

/* The general call: every port by name. */
static void check_run(gm_model *model) {
  float loss = 0, accuracy = -1, log_probabilities[32 * 10];
  int32_t targets[32];
  gm_port port;
  gm_entry_info entry;
  gm_value values[] = {{"output", log_probabilities, sizeof log_probabilities},
                       {"label", targets, sizeof targets},
                       {"loss", &loss, sizeof loss},
                       {"accuracy", &accuracy, sizeof accuracy}};
  for (int i = 0; i < 32; ++i) {
    targets[i] = i % 10;
    for (int c = 0; c < 10; ++c)
      log_probabilities[i * 10 + c] = c == targets[i] ? -0.5f : -3;
  }
  CHECK(gm_model_port_count(model) == 5);
  CHECK(gm_model_port_at(model, 2, &port) == GM_OK);
  CHECK(strcmp(port.name, "label") == 0 && strcmp(port.role, "target") == 0);
  CHECK(strcmp(port.dtype, "i32") == 0 && port.rank == 0 && port.batched);
  CHECK(gm_model_port_at(model, 5, &port) == GM_USAGE);
  CHECK(gm_model_entry_count(model) == 4);
  CHECK(gm_model_entry_at(model, 0, &entry) == GM_OK && entry.batch > 0);
  CHECK(gm_model_entry_at(model, -1, &entry) == GM_USAGE);
  CHECK(gm_model_run(model, "loss", values, 4) == GM_OK);
  CHECK(fabsf(loss - 0.5f) < 1e-6f && accuracy == 1);
  accuracy = -1; /* what is not asked for is not written */
  CHECK(gm_model_run(model, "loss", values, 3) == GM_OK && accuracy == -1);
  CHECK(gm_model_run(model, "loss", values + 1, 2) == GM_USAGE);
  CHECK(strcmp(gm_last_error_code(), "missing_port") == 0);
  values[2].name = "los";
  CHECK(gm_model_run(model, "loss", values, 3) == GM_USAGE);
  CHECK(strcmp(gm_last_error_code(), "unknown_port") == 0);
  values[2].name = "label";
  CHECK(gm_model_run(model, "loss", values, 3) == GM_USAGE);
  values[0].bytes -= 4;
  CHECK(gm_model_run(model, "loss", values, 2) == GM_USAGE);
  CHECK(strcmp(gm_last_error_code(), "port_size") == 0);
  values[0].bytes += 4;
  targets[31] = 10;
  CHECK(gm_model_run(model, "loss", values, 2) == GM_USAGE);
  CHECK(strcmp(gm_last_error_code(), "bad_label") == 0);
  CHECK(gm_model_run(model, "lose", values, 2) == GM_USAGE);
  CHECK(gm_model_run(model, "loss", NULL, 0) == GM_USAGE);
}

static void check_inference(gm_model *model) {
  double sum = 0;
  CHECK(gm_model_infer(model, images, 40, output) == GM_OK);
  for (int c = 0; c < 10; ++c)
    sum += exp(output[390 + c]);
  CHECK(fabs(sum - 1) < 1e-4);
  CHECK(gm_model_infer(model, images, 0, output) == GM_OK);
  CHECK(gm_model_infer(model, images, -1, output) == GM_USAGE);
  CHECK(gm_model_infer(model, NULL, 1, output) == GM_USAGE);
  CHECK(gm_model_set_threads(model, 65) == GM_USAGE);
  CHECK(gm_model_set_threads(model, 2) == GM_OK);
}

static void check_tensors(gm_model *model) {
  gm_tensor tensor;
  CHECK(gm_model_tensor_count(model) == 5);
  CHECK(gm_model_tensor(model, "weight", &tensor) == GM_OK);
  CHECK(tensor.rank == 2 && tensor.shape[1] == 784 && tensor.elements == 7840);
  CHECK(strcmp(tensor.role, "parameter") == 0);
  CHECK(gm_model_tensor(model, "nothing", &tensor) == GM_USAGE);
  CHECK(gm_model_tensor_at(model, 5, &tensor) == GM_USAGE);
  CHECK(gm_model_tensor_at(model, 1, &tensor) == GM_OK);
  CHECK(strcmp(tensor.name, "bias") == 0);
}

static void check_files(gm_model *model) {
  char path[] = "gm-capi-XXXXXX.safetensors";
  snprintf(path, sizeof path, "gm-capi-%06d.safetensors", rand() % 1000000);
  CHECK(gm_model_save(model, path) == GM_OK);
  CHECK(gm_model_load(model, path) == GM_OK);
  remove(path);
  CHECK(gm_model_load(model, path) == GM_IO);
  CHECK(gm_model_save(model, "absent/w") == GM_IO);
  CHECK(strcmp(gm_last_error_code(), "write_failed") == 0);
}

/* Samples that are made when they are asked for: a bright line whose place is
 * the class. */
typedef struct host {
  int64_t asked, fail_from;
} host;

static int fill(void *context, int64_t first, int64_t count,
                void *const *columns) {
  host *h = context;
  uint8_t *pixels = columns[0];
  int32_t *label = columns[1];
  CHECK(first == h->asked); /* each sample once, in order */
  h->asked += count;
  if (h->fail_from >= 0 && first + count > h->fail_from)
    return 7;
  for (int64_t i = 0; i < count; ++i) {
    int64_t sample = first + i;
    label[i] = (int32_t)(sample * 7 % 10);
    for (int p = 0; p < 784; ++p)
      pixels[i * 784 + p] = (uint8_t)((sample * 31 + p * 17) % 60);
    memset(pixels + i * 784 + 28 * (label[i] + 3), 200, 28);
  }
  return 0;
}

static const int64_t picture[] = {1, 28, 28};
static const gm_column host_columns[] = {
    {"image", "u8", picture, 3, 0, 0}, {"label", "i32", NULL, 0, 1, 10}};

static gm_data *host_data(int64_t samples) {
  host h = {0, -1};
  gm_data *data = NULL;
  CHECK(gm_data_create("host", samples, host_columns, 2, fill, &h, &data) ==
        GM_OK);
  CHECK(h.asked == samples);
  return data;
}

typedef struct seen {
  int64_t steps, epochs, stop_at;
  double last_loss;
} seen;

static int watch(void *context, const gm_progress *progress) {
  seen *s = context;
  if (progress->end_of_epoch) {
    s->epochs++;
    CHECK(strstr(progress->record, "\"type\":\"epoch\"") != NULL);
    CHECK(strstr(progress->record, "test_accuracy") != NULL);
    s->last_loss = progress->loss;
  } else {
    s->steps++;
    CHECK(progress->step == s->steps || s->stop_at == 0);
  }
  return s->stop_at && progress->step >= s->stop_at;
}

static void weights_of(gm_model *model, float *out) {
  gm_tensor tensor;
  CHECK(gm_model_tensor(model, "weight", &tensor) == GM_OK);
  memcpy(out, tensor.data, 7840 * sizeof(float));
}

/* 300 samples, batch 16: 18 steps an epoch. Shuffling, augmentation and exact
 * resuming are those of gradmill train. */
static void check_host_data(gm_model *model) {
  static float whole[7840], resumed[7840], shuffled[7840];
  gm_data *train = host_data(300), *test = host_data(50);
  const char *recipe[] = {"--epochs", "2",    "--lr",          "0.05",
                          "--rotate", "5",    "--schedule",    "onecycle",
                          "--seed",   "1",    "--checkpoint",  "capi.ckpt"};
  const char *resume[] = {"--resume", "capi.ckpt"};
  double scores[2] = {0, 0};
  int64_t count = 0;
  seen all = {0, 0, 0, 0}, part = {0, 0, 7, 0};
  CHECK(gm_model_train(model, train, test, recipe, 10, watch, &all) == GM_OK);
  CHECK(all.steps == 36 && all.epochs == 2);
  weights_of(model, whole);
  CHECK(gm_model_evaluate(model, test, scores, 2, &count) == GM_OK);
  CHECK(count == 2 && scores[0] > 0 && scores[1] > 0.9);
  /* Stopped by the host, and resumed: the same bytes. */
  CHECK(gm_model_train(model, train, test, recipe, 12, watch, &part) == GM_OK);
  CHECK(part.steps == 7);
  CHECK(gm_model_train(model, train, test, resume, 2, NULL, NULL) == GM_OK);
  weights_of(model, resumed);
  CHECK(memcmp(whole, resumed, sizeof whole) == 0);
  /* Another seed is another order. */
  recipe[9] = "2";
  CHECK(gm_model_train(model, train, NULL, recipe, 10, NULL, NULL) == GM_OK);
  weights_of(model, shuffled);
  CHECK(memcmp(whole, shuffled, sizeof whole) != 0);
  remove("capi.ckpt");
  gm_data_close(train);
  gm_data_close(test);
}

static void check_host_errors(gm_model *model) {
  gm_data *data = NULL, *good = host_data(40);
  gm_column bad[2];
  host failing = {0, 5500};
  const char *typo[] = {"--epoch", "2"}, *value[] = {"--epochs", "x"};
  CHECK(gm_data_create("mine", 20000, host_columns, 2, fill, &failing, &data) ==
        GM_FAILURE);
  CHECK(data == NULL && strcmp(gm_last_error_code(), "data_callback") == 0);
  CHECK(strstr(gm_last_error(), "data \"mine\"") != NULL);
  CHECK(strstr(gm_last_error(), "samples 5322 to 10643 returned 7") != NULL);
  memcpy(bad, host_columns, sizeof bad);
  bad[0].dtype = "f16";
  CHECK(gm_data_create("m", 20, bad, 2, fill, &failing, &data) == GM_USAGE);
  CHECK(strstr(gm_last_error(), "\"image\" is of type \"f16\"") != NULL);
  bad[0] = host_columns[1];
  CHECK(gm_data_create("m", 20, bad, 2, fill, &failing, &data) == GM_USAGE);
  CHECK(gm_data_create("m", -1, bad, 2, fill, &failing, &data) == GM_USAGE);
  CHECK(gm_data_create("m", 20, bad, 2, NULL, NULL, &data) == GM_USAGE);
  CHECK(gm_model_train(model, good, NULL, typo, 2, NULL, NULL) == GM_USAGE);
  CHECK(strstr(gm_last_error(), "did you mean --epochs?") != NULL);
  CHECK(gm_model_train(model, good, NULL, value, 2, NULL, NULL) == GM_USAGE);
  gm_data_close(good);
  /* No column for the label. */
  failing.asked = 0, failing.fail_from = -1;
  memcpy(bad, host_columns, sizeof bad);
  bad[1].name = "price", bad[1].target = 0, bad[1].classes = 0;
  CHECK(gm_data_create("m", 20, bad, 2, fill, &failing, &data) == GM_OK);
  CHECK(gm_model_train(model, data, NULL, NULL, 0, NULL, NULL) == GM_BAD_INPUT);
  CHECK(strcmp(gm_last_error_code(), "data_mismatch") == 0);
  gm_data_close(data);
  gm_data_close(NULL);
}

int main(void) {
  gm_model *model = NULL;
  CHECK(gm_model_open("absent.so", 1, &model) == GM_IO && model == NULL);
  CHECK(gm_model_open(NULL, 1, &model) == GM_USAGE);
  CHECK(gm_model_from_artifact(&gradmill_artifact, 1, &model) == GM_OK);
  check_facts(model);
  check_training(model);
  check_run(model);
  check_inference(model);
  check_tensors(model);
  check_files(model);
  check_host_data(model);
  check_host_errors(model);
  gm_model_close(model);
  gm_model_close(NULL);
  return 0;
}
