// One axis of a correlation: the form in which the kernels treat a convolution
// and its adjoint.
#pragma once
#include "Conv.h"
#include <algorithm>
#include <utility>
#include <vector>

namespace gradmill::nn {

/// Output o reads input o*scale + offset + t*step with tap t of `taps`; it
/// becomes pixel o*spread + first of the result. Tap t is filter element
/// filterFirst + t*filterStep.
struct Axis {
  int64_t in, out, taps, scale, offset, step;
  int64_t spread = 1, first = 0;
  int64_t filterFirst = 0, filterStep = 1;

  int64_t reach() const { return step * (taps - 1); }
  /// Outputs [lo, hi) hit the input with every tap.
  std::pair<int64_t, int64_t> inside() const {
    int64_t lo = std::clamp<int64_t>((-offset + scale - 1) / scale, 0, out);
    int64_t room = in - 1 - offset - reach();
    int64_t hi = room < 0 ? 0 : room / scale + 1;
    return {lo, std::clamp<int64_t>(hi, lo, out)};
  }
  bool clips() const { return inside() != std::pair<int64_t, int64_t>(0, out); }
};

/// The convolution itself; i is 0 for rows, 1 for columns.
Axis forwardAxis(const ConvShape &s, int i);

/// Backward-data along an axis, in phases: the input pixels first, first +
/// stride, ..., for each `first` below the stride. Pixel i takes the cotangent
/// (i + padding - t*dilation) / stride with those filter taps t for which this
/// is a whole number: every (stride / gcd)th tap. In reverse they are a
/// correlation of stride one. A pixel without taps is zero.
std::vector<Axis> backwardPhases(const ConvShape &s, int axis);

} // namespace gradmill::nn
