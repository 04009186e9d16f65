/* gm_collective over MPI. An object of its own, which the runtime loads when a
 * launcher has started it, so that no other program needs MPI.
 *
 * MPI implementations have no common binary interface: it must be built with the
 * one that starts the job.
 */
#include "gradmill/collective.h"

#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct request {
  MPI_Request handle;
  struct request *next; /* the open ones */
  int counts[];         /* and displacements: MPI reads them until the end */
} request;

static gm_collective self;
static request *open_requests;
static const char *problem = "MPI gave no reason";

static void *opened(request *r) {
  r->next = open_requests;
  open_requests = r;
  return r;
}

static void *start(void *unused, void *memory, const uint64_t *begins) {
  (void)unused;
  int size = self.size;
  request *r = malloc(sizeof *r + 2 * (size_t)size * sizeof(int));
  if (!r || begins[size] > INT_MAX) {
    problem = r ? "more than 2 GiB in one exchange" : "out of memory";
    free(r);
    return NULL;
  }
  int *counts = r->counts, *places = r->counts + size;
  for (int i = 0; i < size; ++i) {
    counts[i] = (int)(begins[i + 1] - begins[i]);
    places[i] = (int)begins[i];
  }
  if (MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_BYTE, memory, counts, places,
                      MPI_BYTE, MPI_COMM_WORLD, &r->handle) != MPI_SUCCESS) {
    problem = "MPI_Iallgatherv failed";
    free(r);
    return NULL;
  }
  return opened(r);
}

static void *start_sum(void *unused, float *values, uint64_t count) {
  (void)unused;
  request *r = malloc(sizeof *r);
  if (!r || count > INT_MAX) {
    problem = r ? "more than 8 GiB in one sum" : "out of memory";
    free(r);
    return NULL;
  }
  if (MPI_Iallreduce(MPI_IN_PLACE, values, (int)count, MPI_FLOAT, MPI_SUM,
                     MPI_COMM_WORLD, &r->handle) != MPI_SUCCESS) {
    problem = "MPI_Iallreduce failed";
    free(r);
    return NULL;
  }
  return opened(r);
}

static int await(void *unused, void *which) {
  (void)unused;
  request *r = which, **link = &open_requests;
  int failed = MPI_Wait(&r->handle, MPI_STATUS_IGNORE) != MPI_SUCCESS;
  while (*link != r)
    link = &(*link)->next;
  *link = r->next;
  free(r);
  return failed;
}

/* MPI moves data while one of its functions runs. */
static void progress(void *unused) {
  (void)unused;
  int done;
  for (request *r = open_requests; r; r = r->next)
    MPI_Test(&r->handle, &done, MPI_STATUS_IGNORE);
}

static const char *error(void *unused) {
  (void)unused;
  return problem;
}

static void finish(void *unused, int code) {
  (void)unused;
  if (code)
    MPI_Abort(MPI_COMM_WORLD, code);
  MPI_Finalize();
}

__attribute__((visibility("default"))) const gm_collective *
gradmill_collective(const char **reason) {
  int provided = 0, rank = 0, size = 0;
  /* Threads of a rank compute; one of them talks. */
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) !=
          MPI_SUCCESS ||
      provided < MPI_THREAD_FUNNELED) {
    *reason = "MPI_Init_thread failed";
    return NULL;
  }
  /* Its own default ends the process before the error can be reported. */
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  self = (gm_collective){sizeof self, GRADMILL_COLLECTIVE_ABI, rank, size,
                         NULL,        start,                   start_sum,
                         await,       progress,                error,
                         finish};
  return &self;
}
