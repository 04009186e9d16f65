// A model's state in a safetensors file. A checkpoint holds every tensor and,
// in the metadata, the position in the training. A weights file holds
// parameters and running statistics only. Both load into a model by name, shape
// and dtype.
#pragma once

#include "checkpoint/Origin.h"
#include "checkpoint/SafeTensors.h"
#include "core/Model.h"

#include <cstdint>
#include <string>

namespace gradmill::rt {

// The position of a training run after `step` steps. Everything else follows
// from it and from counter-based randomness, so resuming is exact.
struct TrainState {
  int64_t step = 0;  // optimizer steps done
  int64_t epoch = 0; // that the next step belongs to, from 0
  uint64_t seed = 1;
  // Of the unfinished epoch, so that its report after resuming is complete.
  double lossSum = 0; // over steps
  std::vector<double> metricSums; // over samples
  int64_t seen = 0; // samples
  std::string options;  // JSON of the TrainOptions that influence the numbers
  std::string dataHash; // of the training set
  std::string judge;    // state of the watched validations, or empty
  Origin origin; // what it was trained by; saving writes the model's
};

// How weights are read and written: as safetensors, unless a program that reads
// more formats sets functions of its own (weights/WeightsFile.h). A stand-alone
// trainer does not, and stays small.
extern Result<SafeTensors> (*readWeightsFile)(const std::string &path);
extern Status (*writeWeightsFile)(const std::string &path,
                                  const std::vector<StoredTensor> &tensors,
                                  Metadata metadata);

// Errors: write_failed.
Status saveCheckpoint(const Model &model, const TrainState &state,
                      const std::string &path);
Status saveWeights(const Model &model, const std::string &path);

// All or nothing: on error the model is unchanged. Errors: file_not_found,
// bad_safetensors, not_a_checkpoint, checkpoint_version, resume_mismatch
// (trained by another graph, loss, optimizer or batch size; lists all),
// weights_mismatch (lists every tensor).
Result<TrainState> loadCheckpoint(Model &model, const std::string &path);
// The training state alone, without a model.
Result<TrainState> peekCheckpoint(const std::string &path);
// Loads parameters and buffers, from a checkpoint (its averages, if there are
// some) or from a weights file of any origin. Ignores tensors that the model
// lacks.
Status loadWeights(Model &model, const std::string &path);

// The result for each tensor when only fitting ones were asked for.
struct PartialWeights {
  std::vector<std::string> taken;
  std::vector<std::string> differ;  // "head.weight: F32 [100, 16], the model
                                    // has F32 [10, 16]"
  std::vector<std::string> missing; // of the model's, in the file
  std::vector<std::string> unused;  // of the file's

  std::string text() const; // a line for each list that is not empty
};
// Takes the tensors that fit by name, shape and dtype, and leaves the rest of
// the model unchanged. Errors: those of loadWeights; weights_mismatch if
// nothing fits.
Result<PartialWeights> loadWeightsThatFit(Model &model, const std::string &path);

} // namespace gradmill::rt
