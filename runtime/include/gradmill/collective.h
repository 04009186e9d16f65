/* How the processes of one training talk to each other: the contract between
 * the runtime and a backend such as MPI.
 *
 * A backend is a shared object that exports `gradmill_collective`. All processes
 * (ranks) call the same functions in the same order, on one thread.
 *
 * C, stable: fields are only ever appended, `struct_size` tells which exist.
 */
#ifndef GRADMILL_COLLECTIVE_H
#define GRADMILL_COLLECTIVE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GRADMILL_COLLECTIVE_ABI 1u

typedef struct gm_collective {
  uint32_t struct_size; /* sizeof(gm_collective) when it was compiled */
  uint32_t abi_version; /* GRADMILL_COLLECTIVE_ABI */
  int32_t rank, size;
  void *self; /* the first argument of the functions */
  /* Begins to tell the others memory[begins[rank]] .. memory[begins[rank + 1]],
   * and to receive theirs into the same memory. `begins` has size + 1 numbers.
   * NULL: failure. The caller leaves `memory` alone until `wait`. */
  void *(*start)(void *self, void *memory, const uint64_t *begins);
  /* Begins to replace each of `count` floats by its sum over all ranks, the same
   * everywhere, in any order. */
  void *(*start_sum)(void *self, float *values, uint64_t count);
  /* Ends what `start` began. 0: success. */
  int (*wait)(void *self, void *request);
  /* Called now and then while requests are open. */
  void (*progress)(void *self);
  /* What went wrong in the last call that failed. */
  const char *(*error)(void *self);
  /* The last call. A code other than 0 ends the job on all ranks. */
  void (*close)(void *self, int code);
} gm_collective;

/* Joins the job; NULL and a reason if that fails. */
typedef const gm_collective *(*gm_collective_fn)(const char **reason);
#define GRADMILL_COLLECTIVE_SYMBOL "gradmill_collective"

#ifdef __cplusplus
}
#endif
#endif
