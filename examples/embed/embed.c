/* Two models in one C program: they are compiled into it, trained on pictures that
 * it draws, and asked. Needs no file at run time, no Python and no framework. */
#include "edge.h"
#include "side.h"
#include <gradmill/runtime.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 16, BATCH = 32, STEPS = 200 };

static unsigned state = 1;
static float uniform(void) {
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) / (1 << 24);
}

/* class 0: a difference between columns; class 1: the same, mirrored for `side`,
 * between rows for `edge`. */
static void draw(int edge, float *pictures, int32_t *labels) {
  for (int i = 0; i < BATCH; ++i) {
    labels[i] = uniform() < 0.5f;
    float jump = edge && uniform() < 0.5f ? -1 : 1;
    for (int y = 0; y < SIZE; ++y)
      for (int x = 0; x < SIZE; ++x) {
        int first = labels[i] && edge ? y < SIZE / 2 : x < SIZE / 2;
        float light = (labels[i] && !edge ? !first : first) ? jump : 0;
        pictures[(i * SIZE + y) * SIZE + x] = light + uniform() - 0.5f;
      }
  }
}

static void check(gm_status status) {
  if (status == GM_OK)
    return;
  fprintf(stderr, "error[%s]: %s\n", gm_last_error_code(), gm_last_error());
  exit(status);
}

static void train_and_ask(const char *name, const gm_artifact *artifact,
                          int edge) {
  static float pictures[BATCH * SIZE * SIZE], scores[BATCH * 2];
  static int32_t labels[BATCH];
  gm_model *model;
  float loss = 0;
  int right = 0;
  check(gm_model_from_artifact(artifact, 0, &model));
  for (int step = 0; step < STEPS; ++step) {
    draw(edge, pictures, labels);
    check(gm_model_train_step(model, pictures, labels, 0.05f, 1, step, &loss));
  }
  draw(edge, pictures, labels);
  check(gm_model_infer(model, pictures, BATCH, scores));
  for (int i = 0; i < BATCH; ++i)
    right += (scores[2 * i + 1] > scores[2 * i]) == labels[i];
  printf("%s: loss %.3f, %d of %d right\n", name, loss, right, BATCH);
  gm_model_close(model);
}

int main(void) {
  train_and_ask("side", &side, 0);
  train_and_ask("edge", &edge, 1);
  return 0;
}
