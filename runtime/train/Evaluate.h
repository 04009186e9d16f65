// Accuracy and loss of a model on a labelled dataset.
#pragma once

#include "core/Model.h"
#include "data/Dataset.h"

#include <functional>

namespace gradmill::rt {

struct Evaluation {
  int64_t images = 0, correct = 0;
  int64_t notFinite = 0; // images with a NaN among the outputs, or no finite
                         // loss
  double loss = 0; // mean negative log-likelihood
  double accuracy() const { return images ? double(correct) / images : 0; }
};

// The index of the largest of `count` scores; the first of equals.
int64_t argmax(const float *scores, int64_t count);

bool hasNaN(const float *scores, int64_t count);

// `what`, as "the outputs of 3 images", are NaN: why, by the first tensor that
// is not finite either. Label: output_not_finite.
Error outputNotFinite(const Model &model, const std::string &what);

// That the images are what the model takes. Errors: data_mismatch.
Status checkData(const Model &model, const Dataset &data);

// Runs `infer` over all of `data`; padding of the last batch does not count.
// `stop`, if given, is asked between batches and ends the evaluation early.
Result<Evaluation> evaluate(Model &model, const Dataset &data,
                            const std::function<bool()> &stop = {});

} // namespace gradmill::rt
