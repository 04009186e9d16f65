/* Gradmill's runtime for C and everything that can call C.
 *
 * Loads a model that `gradmill compile` made, runs it and trains it. A gm_model
 * belongs to one thread at a time; different models are independent.
 *
 *   gm_model *model;
 *   if (gm_model_open("mnist.so", 1, &model) != GM_OK ||
 *       gm_model_load(model, "mnist.safetensors") != GM_OK ||
 *       gm_model_infer(model, image, 1, log_probabilities) != GM_OK)
 *     fprintf(stderr, "%s\n", gm_last_error());
 *   gm_model_close(model);
 *
 * Stable: functions and enumerators are only ever added, gm_tensor only grows
 * at its end. No function throws, exits or prints. All return GM_OK or say in
 * gm_last_error() what went wrong; out parameters are then unchanged, unless
 * said otherwise. A NULL argument is GM_USAGE, unless said otherwise.
 */
#ifndef GRADMILL_RUNTIME_H
#define GRADMILL_RUNTIME_H

#include <stdint.h>

#include "gradmill/artifact.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GM_API __attribute__((visibility("default")))
#else
#define GM_API
#endif

/* Raised when an existing function changes its meaning. */
#define GRADMILL_RUNTIME_ABI 1u

typedef struct gm_model gm_model;

/* The values are the exit codes of gradmill's programs. */
typedef enum gm_status {
  GM_OK = 0,
  GM_FAILURE = 1,   /* out of memory, too few threads to be had, ... */
  GM_USAGE = 2,     /* an argument is wrong */
  GM_BAD_INPUT = 3, /* a file or artifact is damaged or does not fit */
  GM_IO = 4,        /* a file cannot be read or written */
  GM_INTERNAL = 70  /* a bug */
} gm_status;

/* GRADMILL_RUNTIME_ABI of the library that is linked. */
GM_API uint32_t gm_runtime_abi(void);

/* The message of this thread's last failed call, never NULL; valid until the
 * thread's next call. `gm_last_error_code` is its stable code, such as
 * "bad_safetensors". */
GM_API const char *gm_last_error(void);
GM_API const char *gm_last_error_code(void);

/* Opens a compiled model: a shared object by path, or one that is linked into
 * this program (pass &gradmill_artifact; it must outlive the model).
 * threads: 1..64, or 0 for one per core. The tensors hold the initial values of
 * seed 1. Errors: GM_USAGE (threads), GM_BAD_INPUT, GM_IO, GM_FAILURE. */
GM_API gm_status gm_model_open(const char *path, int threads, gm_model **model);
GM_API gm_status gm_model_from_artifact(const gm_artifact *artifact,
                                        int threads, gm_model **model);

/* Frees it; NULL is allowed. */
GM_API void gm_model_close(gm_model *model);

/* Draws all tensors anew; the same seed gives the same bytes everywhere. */
GM_API gm_status gm_model_init(gm_model *model, uint64_t seed);

/* Parameters and running statistics from a safetensors file (weights or a
 * checkpoint), or to one, atomically. Where there are averages of them (--ema),
 * these are loaded and saved in their place. On error the model, or the previous file,
 * is unchanged. Errors: GM_BAD_INPUT, GM_IO. */
GM_API gm_status gm_model_load(gm_model *model, const char *path);
GM_API gm_status gm_model_save(const gm_model *model, const char *path);

/* 1..64, or 0 for one per core. Results do not depend on it. */
GM_API gm_status gm_model_set_threads(gm_model *model, int threads);

/* Ports: what the model takes and gives (docs/ports.md). Strings and shapes live
 * as long as the model. */
typedef struct gm_port {
  const char *name;
  const char *role;     /* "data", "target", "prediction", "loss", "metric",
                           "cotangent", "value", "gradient" */
  const char *dtype;    /* "f32", "i32", ... */
  const int64_t *shape; /* of one sample */
  int64_t rank;
  int64_t elements; /* of one sample */
  int32_t batched;  /* 0: one value for the whole batch, as a loss has */
} gm_port;
GM_API int64_t gm_model_port_count(const gm_model *model);
GM_API gm_status gm_model_port_at(const gm_model *model, int64_t index,
                                  gm_port *port);

/* Entries: the programs of a model. */
typedef struct gm_entry_info {
  const char *name; /* "train", "infer", "infer_single", ... */
  const char *does; /* "train", "accumulate", "update", "infer", "loss",
                       "gradients", "prepare" */
  int64_t batch;    /* samples of a run; 1 where it takes none */
} gm_entry_info;
GM_API int64_t gm_model_entry_count(const gm_model *model);
GM_API gm_status gm_model_entry_at(const gm_model *model, int64_t index,
                                   gm_entry_info *entry);

/* Runs an entry once, on one full batch: dense, row-major values of ports and of
 * the numbers "learning_rate" (f32), "seed" and "step" (i64), by name. All that
 * the entry reads must be given; of what it gives, what is named here is
 * written. Errors: GM_USAGE (an unknown entry or port, one that is missing,
 * given twice or of another size, a class number out of range); nothing ran
 * then. */
typedef struct gm_value {
  const char *name;
  void *data;
  int64_t bytes;
} gm_value;
GM_API gm_status gm_model_run(gm_model *model, const char *entry,
                              const gm_value *values, int64_t count);

/* Facts. They return 0 or NULL for a NULL model; where a model has several data
 * ports or predictions, they are about the first. Strings live as long as the
 * model. */
GM_API const char *gm_model_name(const gm_model *model);
GM_API const char *gm_model_manifest(const gm_model *model);   /* JSON text */
GM_API int64_t gm_model_input_elements(const gm_model *model); /* C * H * W */
GM_API int64_t gm_model_classes(const gm_model *model);
/* Images of a run of `infer` and of a `train_step` (the batch, times that of
 * --accumulate); 0 if compiled without. */
GM_API int64_t gm_model_infer_batch(const gm_model *model);
GM_API int64_t gm_model_train_batch(const gm_model *model);
/* The shape of one image, [C, H, W]: writes at most `capacity` extents, returns
 * the rank. `shape` may be NULL if capacity is 0. */
GM_API int gm_model_input_shape(const gm_model *model, int64_t *shape,
                                int capacity);

/* From bytes, as in an image file, to what the model takes:
 * out = (pixel / 255 - mean) / std, per channel. pixels, out: [count, C, H, W];
 * count >= 0. */
GM_API gm_status gm_model_normalize(const gm_model *model,
                                    const uint8_t *pixels, int64_t count,
                                    float *out);

/* Inference reads averages of the weights, where the model was compiled with
 * --ema: the tensors NAME/average, of the role "average". Whoever writes to a
 * parameter writes to its average, too.
 *
 * Predictions [count, classes], row-major, of `count` normalized images
 * [count, C, H, W]. Any count >= 0. What they are, the graph decides: the
 * manifest's port says so ("log-probabilities", ...). Errors: GM_BAD_INPUT for a
 * model compiled without inference, GM_USAGE for one with several ports. */
GM_API gm_status gm_model_infer(gm_model *model, const float *images,
                                int64_t count, float *predictions);

/* One optimizer step on one full batch, B = gm_model_train_batch():
 * images [B, C, H, W] normalized, labels [B] in 0..classes-1. `step` counts
 * from 0 and, with `seed`, keys dropout. *loss (may be NULL) is the batch's
 * mean loss before the step, and may be infinite or NaN: look. Errors: GM_USAGE
 * (a label or step out of range, a model with several ports), GM_BAD_INPUT for a
 * model compiled without training. */
GM_API gm_status gm_model_train_step(gm_model *model, const float *images,
                                     const int32_t *labels, float learning_rate,
                                     uint64_t seed, int64_t step, float *loss);

/* A sum of gradients, of a model that was compiled with --accumulate. */
typedef struct gm_gradient {
  const char *name;  /* "conv1.weight/gradient" */
  const char *dtype; /* "f32", ... */
  void *data;        /* dense, row-major; may be written to */
  int64_t elements;
  int64_t bytes;
} gm_gradient;

/* Called by gm_model_train_step before each update, on its thread, with the sums
 * over the step's batches in a fixed order: the same for every process that runs
 * the same artifact. To train on several processes, replace each sum by its mean
 * over them; then all weights stay equal. 0 if that went well; anything else
 * drops the sums, updates nothing, and is GM_FAILURE. `function` may be NULL: no
 * call any more. Error: GM_USAGE for a model compiled without --accumulate.
 * (Whoever runs the entries "accumulate" and "update" one by one finds the sums
 * with gm_model_tensor: their role is "gradient".) */
typedef int (*gm_gradients_fn)(void *context, const gm_gradient *gradients,
                               int64_t count);
GM_API gm_status gm_model_on_gradients(gm_model *model,
                                       gm_gradients_fn function, void *context);

/* Samples of a host: from its memory, its files, its network.
 *
 * A column is one thing that is known of each sample; docs/ports.md says which
 * column goes to which port of a model. */
typedef struct gm_column {
  const char *name;     /* "image" */
  const char *dtype;    /* "u8", "i32", "i64", "f32", "f64" */
  const int64_t *shape; /* of one sample; NULL if rank is 0 */
  int64_t rank;
  int32_t target;  /* whether it is to be predicted */
  int64_t classes; /* class numbers 0..classes-1; 0: any numbers */
} gm_column;

/* Writes samples first .. first + count - 1 of all columns, dense and row-major:
 * columns[i] has room for them. 0 if that went well; any other number makes the
 * call that asked fail, and stands in its message. It is asked for each sample
 * once, in order, on the caller's thread. */
typedef int (*gm_fill_fn)(void *context, int64_t first, int64_t count,
                          void *const *columns);

/* `name` is for messages. All samples are asked for at once and kept in memory,
 * so that they can be shuffled, augmented and checked; `fill` is not called
 * later. Errors: GM_USAGE (a column), GM_FAILURE (data_callback: fill failed;
 * out of memory). */
typedef struct gm_data gm_data;
GM_API gm_status gm_data_create(const char *name, int64_t samples,
                                const gm_column *columns, int64_t column_count,
                                gm_fill_fn fill, void *context, gm_data **data);
/* Frees it; NULL is allowed. */
GM_API void gm_data_close(gm_data *data);

/* How far training is; strings live as long as the call. */
typedef struct gm_progress {
  int64_t step, total_steps; /* done, planned */
  int64_t epoch, epochs;     /* from 1; planned */
  double loss;               /* of the step; at the end of an epoch its mean */
  double learning_rate;
  int32_t end_of_epoch;
  const char *record; /* JSON, as a line of `gradmill train --metrics` */
} gm_progress;

/* Called after each step, and once more at the end of an epoch. Anything but 0
 * ends the run after the step, with its checkpoint; it can be resumed. */
typedef int (*gm_progress_fn)(void *context, const gm_progress *progress);

/* Trains as `gradmill train` does, with the same options of the groups recipe,
 * augmentation and files: {"--epochs", "3", "--resume", "net.safetensors"}.
 * Unless "--checkpoint" names a file there is no checkpoint. `test` may be NULL,
 * and so may be `progress`. The model then has the trained weights; after an
 * error it has those of some step. Errors: GM_USAGE (an option), GM_BAD_INPUT
 * (columns that do not fit the ports, a checkpoint of another run, a model
 * compiled without training), GM_IO, GM_FAILURE (loss_not_finite, ...). */
GM_API gm_status gm_model_train(gm_model *model, const gm_data *train,
                                const gm_data *test,
                                const char *const *options,
                                int64_t option_count, gm_progress_fn progress,
                                void *context);

/* The loss, and each metric in the order of the ports, over all samples: writes
 * at most `capacity` numbers. *count (may be NULL) is how many there are.
 * Errors: GM_BAD_INPUT. */
GM_API gm_status gm_model_evaluate(gm_model *model, const gm_data *data,
                                   double *scores, int64_t capacity,
                                   int64_t *count);

typedef struct gm_tensor {
  const char *name;
  const char *role;  /* "parameter", "buffer", "optimizer", "gradient", "average" */
  const char *dtype; /* "f32", ... */
  const int64_t *shape;
  int64_t rank;
  int64_t elements;
  void *data; /* dense, row-major, 64-byte aligned; may be written to */
} gm_tensor;

/* The model's state; pointers live as long as the model. Errors: GM_USAGE for
 * an unknown name or an index out of range. */
GM_API int64_t gm_model_tensor_count(const gm_model *model);
GM_API gm_status gm_model_tensor_at(gm_model *model, int64_t index,
                                    gm_tensor *tensor);
GM_API gm_status gm_model_tensor(gm_model *model, const char *name,
                                 gm_tensor *tensor);

#ifdef __cplusplus
}
#endif
#endif
