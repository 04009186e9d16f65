/* A program that only infers: MODEL.so WEIGHTS. */
#include <gradmill/runtime.h>
#include <stdio.h>

int main(int argc, char **argv) {
  static float image[784], out[10];
  gm_model *model = NULL;
  if (argc != 3 || gm_model_open(argv[1], 1, &model) != GM_OK ||
      gm_model_load(model, argv[2]) != GM_OK ||
      gm_model_infer(model, image, 1, out) != GM_OK) {
    fprintf(stderr, "%s\n", gm_last_error());
    return 1;
  }
  printf("%d classes\n", (int)gm_model_classes(model));
  gm_model_close(model);
  return 0;
}
