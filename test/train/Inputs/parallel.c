/* Two models that train on half of each batch, as two processes would, and
 * average their gradients before each update; and one that trains on all of it.
 * All three end with the same weights, to the byte.
 *
 * usage: parallel HALF.so WHOLE.so PLAIN.so, compiled for a batch of 16 with --accumulate 1,
 * --accumulate 2, and without, but with --gradients image,conv.weight */
#include "gradmill/runtime.h"

#include <pthread.h>
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

enum { BATCH = 16, PIXELS = 784, STEPS = 5, RANKS = 2 };
static float images[STEPS][RANKS][BATCH * PIXELS];
static int32_t labels[STEPS][RANKS][BATCH];

/* The collective: each lays its buffers open, waits, and makes the same means. */
static pthread_barrier_t barrier;
static const gm_gradient *shared[RANKS];

struct rank {
  int number;
  gm_model *model;
};

static int average(void *context, const gm_gradient *gradients, int64_t count) {
  struct rank *self = context;
  shared[self->number] = gradients;
  pthread_barrier_wait(&barrier);
  float *means[8];
  CHECK(count == 3);
  for (int64_t g = 0; g < count; ++g) {
    CHECK(strcmp(gradients[g].dtype, "f32") == 0);
    CHECK(gradients[g].bytes == gradients[g].elements * 4);
    CHECK(strcmp(shared[0][g].name, shared[1][g].name) == 0);
    CHECK(strstr(gradients[g].name, "/gradient") != NULL);
    means[g] = malloc((size_t)gradients[g].bytes);
    for (int64_t i = 0; i < gradients[g].elements; ++i)
      means[g][i] = (((const float *)shared[0][g].data)[i] +
                     ((const float *)shared[1][g].data)[i]) *
                    0.5f;
  }
  pthread_barrier_wait(&barrier); /* both have read */
  for (int64_t g = 0; g < count; ++g) {
    memcpy(gradients[g].data, means[g], (size_t)gradients[g].bytes);
    free(means[g]);
  }
  return 0;
}

static void *train(void *context) {
  struct rank *self = context;
  for (int step = 0; step < STEPS; ++step)
    CHECK(gm_model_train_step(self->model, images[step][self->number],
                              labels[step][self->number], 0.1f, 1, step,
                              NULL) == GM_OK);
  return NULL;
}

static int fail(void *context, const gm_gradient *gradients, int64_t count) {
  (void)gradients, (void)count;
  return ++*(int *)context;
}

static void compare(gm_model *a, gm_model *b) {
  for (int64_t i = 0; i < gm_model_tensor_count(a); ++i) {
    gm_tensor left, right;
    CHECK(gm_model_tensor_at(a, i, &left) == GM_OK);
    CHECK(gm_model_tensor(b, left.name, &right) == GM_OK);
    CHECK(memcmp(left.data, right.data, (size_t)left.elements * 4) == 0);
  }
}

/* How the score of class 3 changes with the pixels, and with a filter. */
static void differentiate(gm_model *model) {
  static float cotangent[BATCH * 10], pixels[BATCH * PIXELS], filter[4 * 9];
  gm_value values[] = {{"image", images[0][0], sizeof images[0][0]},
                       {"output/cotangent", cotangent, sizeof cotangent},
                       {"image/gradient", pixels, sizeof pixels},
                       {"conv.weight/gradient", filter, sizeof filter}};
  gm_port port;
  int found = 0;
  for (int64_t i = 0; i < gm_model_port_count(model); ++i) {
    CHECK(gm_model_port_at(model, i, &port) == GM_OK);
    if (strcmp(port.name, "conv.weight/gradient") == 0)
      found += strcmp(port.role, "gradient") == 0 && !port.batched &&
               port.rank == 4;
    if (strcmp(port.name, "image/gradient") == 0)
      found += strcmp(port.role, "gradient") == 0 && port.batched &&
               port.rank == 3;
    if (strcmp(port.name, "output/cotangent") == 0)
      found += strcmp(port.role, "cotangent") == 0 && port.batched;
  }
  CHECK(found == 3);
  cotangent[2 * 10 + 3] = 1; /* of the third image alone */
  CHECK(gm_model_run(model, "gradients", values, 4) == GM_OK);
  for (int n = 0; n < BATCH; ++n) {
    float sum = 0;
    for (int i = 0; i < PIXELS; ++i)
      sum += pixels[n * PIXELS + i] * pixels[n * PIXELS + i];
    CHECK((sum > 0) == (n == 2));
  }
  CHECK(filter[0] != 0);
  CHECK(gm_model_run(model, "gradients", values, 1) == GM_USAGE);
  CHECK(strcmp(gm_last_error_code(), "missing_port") == 0);
}

int main(int argc, char **argv) {
  struct rank ranks[RANKS];
  gm_model *whole, *plain;
  pthread_t threads[RANKS];
  gm_tensor tensor;
  int calls = 0;
  CHECK(argc == 4);
  srand(1);
  for (int step = 0; step < STEPS; ++step)
    for (int r = 0; r < RANKS; ++r) {
      for (int i = 0; i < BATCH * PIXELS; ++i)
        images[step][r][i] = (float)rand() / (float)RAND_MAX - 0.5f;
      for (int i = 0; i < BATCH; ++i)
        labels[step][r][i] = rand() % 10;
    }
  CHECK(pthread_barrier_init(&barrier, NULL, RANKS) == 0);
  CHECK(gm_model_open(argv[2], 1, &whole) == GM_OK);
  CHECK(gm_model_open(argv[3], 1, &plain) == GM_OK);
  CHECK(gm_model_train_batch(whole) == 2 * BATCH);
  CHECK(gm_model_train_batch(plain) == BATCH);
  for (int r = 0; r < RANKS; ++r) {
    ranks[r].number = r;
    CHECK(gm_model_open(argv[1], 1, &ranks[r].model) == GM_OK);
    CHECK(gm_model_train_batch(ranks[r].model) == BATCH);
    CHECK(gm_model_on_gradients(ranks[r].model, average, &ranks[r]) == GM_OK);
  }
  for (int r = 0; r < RANKS; ++r)
    CHECK(pthread_create(&threads[r], NULL, train, &ranks[r]) == 0);
  for (int step = 0; step < STEPS; ++step) /* both halves, one behind the other */
    CHECK(gm_model_train_step(whole, images[step][0], labels[step][0], 0.1f, 1,
                              step, NULL) == GM_OK);
  for (int r = 0; r < RANKS; ++r)
    CHECK(pthread_join(threads[r], NULL) == 0);
  compare(ranks[0].model, ranks[1].model);
  compare(ranks[0].model, whole);
  CHECK(gm_model_tensor(whole, "conv.weight/gradient", &tensor) == GM_OK);
  CHECK(strcmp(tensor.role, "gradient") == 0);
  CHECK(((float *)tensor.data)[0] == 0); /* between updates */

  /* Where it fails nothing is updated, and nothing is left over. */
  CHECK(gm_model_on_gradients(ranks[1].model, fail, &calls) == GM_OK);
  CHECK(gm_model_train_step(ranks[1].model, images[0][0], labels[0][0], 0.1f, 1,
                            STEPS, NULL) == GM_FAILURE);
  CHECK(strcmp(gm_last_error_code(), "gradients_failed") == 0 && calls == 1);
  compare(ranks[0].model, ranks[1].model);
  for (int r = 0; r < RANKS; ++r) {
    CHECK(gm_model_on_gradients(ranks[r].model, NULL, NULL) == GM_OK);
    CHECK(gm_model_train_step(ranks[r].model, images[0][0], labels[0][0], 0.1f,
                              1, STEPS, NULL) == GM_OK);
  }
  compare(ranks[0].model, ranks[1].model);
  CHECK(gm_model_on_gradients(plain, fail, &calls) == GM_USAGE);
  CHECK(strcmp(gm_last_error_code(), "no_gradients") == 0);
  CHECK(gm_model_on_gradients(NULL, fail, &calls) == GM_USAGE);
  differentiate(plain);
  for (int r = 0; r < RANKS; ++r)
    gm_model_close(ranks[r].model);
  gm_model_close(whole);
  gm_model_close(plain);
  puts("equal");
  return 0;
}
