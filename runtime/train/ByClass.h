// What a classifier gets right and wrong, class by class.
#pragma once

#include "core/Model.h"
#include "data/Dataset.h"
#include "train/Evaluate.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gradmill::rt {

// A prediction of scores for classes, and the class numbers it is held against:
// prediction [C, ...], target [...].
struct ClassPair {
  const PortSpec *prediction = nullptr, *target = nullptr;

  int64_t classes() const { return prediction->shape[0]; }
  // Class numbers of a sample; a picture can have one for each pixel.
  int64_t places() const { return int64_t(target->elements); }
};

// One for each target that has classes. Of several predictions that fit, the one
// whose name the target's begins with. Error: no_classes (there is no such
// target, or none or several predictions fit one).
Result<std::vector<ClassPair>> classPairs(const Manifest &manifest);

struct ClassScores {
  int64_t samples = 0, right = 0;    // of this class
  int64_t guessed = 0;               // as this class, rightly or not
  int64_t rival = -1, rivalCount = 0; // what it is most often taken for

  // Share of the class that is found, and of the guesses that are right; their
  // harmonic mean. 0 where there is nothing to divide by.
  double recall() const, precision() const, f1() const;
};

// A sample whose class was not guessed.
struct Mistake {
  uint64_t sample = 0;
  int64_t label = 0, guess = 0;
  double confidence = 0; // probability of the guess
};

// Counts while an evaluation runs (SeeBatch).
class ByClass {
public:
  explicit ByClass(ClassPair pair)
      : pair(pair), counts(size_t(pair.classes() * pair.classes())) {}

  void see(uint64_t first, int64_t valid, const PortValues &values);

  const ClassPair &ports() const { return pair; }
  int64_t classes() const { return pair.classes(); }
  // Samples of class `label` that were taken for `guess`.
  int64_t count(int64_t label, int64_t guess) const {
    return counts[size_t(label * classes() + guess)];
  }
  ClassScores scores(int64_t label) const;
  // The mean recall of the classes that occur.
  double balancedAccuracy() const;
  // Of targets with one class for a sample, in the order of the samples.
  const std::vector<Mistake> &mistakes() const { return wrong; }

private:
  void seePlace(uint64_t sample, const float *scores, int64_t label);

  ClassPair pair;
  std::vector<int64_t> counts; // [label, guess]
  std::vector<Mistake> wrong;
};

} // namespace gradmill::rt
