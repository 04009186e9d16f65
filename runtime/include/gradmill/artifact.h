/* The contract between compiled code and whoever runs it.
 *
 * A compiled model exports exactly one symbol, `gradmill_artifact`. It needs
 * nothing from its host but libm: memory, threads and randomness seeds are
 * handed to it on every call. The JSON manifest (docs/manifest.md) says what
 * each entry of the buffer table is.
 *
 * C, stable: fields are only ever appended, `struct_size` tells which exist.
 */
#ifndef GRADMILL_ARTIFACT_H
#define GRADMILL_ARTIFACT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when the meaning of an existing field changes. */
#define GRADMILL_ARTIFACT_ABI 2u

/* One task of a parallel loop; tasks of one loop are independent. `scratch` is
 * memory of the thread that runs it: the entry's "scratch_bytes" long (see the
 * manifest), aligned to 64 bytes, and used by no other task meanwhile. Its
 * content means nothing before and after. */
typedef void (*gm_task_fn)(void **buffers, int64_t task, void *scratch);

/* Runs task(buffers, 0, ...) .. task(buffers, count - 1, ...), each exactly
 * once, in any order and on any threads, and returns when all are done. */
typedef void (*gm_parallel_fn)(void *pool, gm_task_fn task, void **buffers,
                               int64_t count);

/* One entry point: buffers[i] is what the manifest's entry lists at i; every
 * pointer is aligned to 64 bytes and may not overlap another. Deterministic:
 * same bytes in, same bytes out, for every thread count. */
typedef void (*gm_entry_fn)(void **buffers, gm_parallel_fn parallel,
                            void *pool);

typedef struct gm_entry {
  const char *name; /* "train", "infer", "infer_single", "prepare" */
  gm_entry_fn run;
} gm_entry;

typedef struct gm_artifact gm_artifact;
struct gm_artifact {
  uint32_t struct_size;   /* sizeof(gm_artifact) when it was compiled */
  uint32_t abi_version;   /* GRADMILL_ARTIFACT_ABI */
  const char *manifest;   /* JSON text, NUL-terminated */
  uint64_t manifest_size; /* without the NUL */
  const gm_entry *entries;
  uint64_t entry_count;
  const void *data; /* initial values named by the manifest, or NULL */
  uint64_t data_size;
  /* The same model for more capable CPUs, best first: take the first one whose
   * manifest's target.needs this machine has, else the artifact itself. They
   * have the same tensors, in the same order. NULL and 0: there are none. */
  const gm_artifact *const *variants;
  uint64_t variant_count;
};

/* The symbol that a compiled model exports. */
#define GRADMILL_ARTIFACT_SYMBOL "gradmill_artifact"
extern const gm_artifact gradmill_artifact;

#ifdef __cplusplus
}
#endif
#endif
