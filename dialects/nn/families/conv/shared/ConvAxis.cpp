#include "shared/ConvAxis.h"
#include <numeric>

namespace gradmill::nn {

Axis forwardAxis(const ConvShape &s, int i) {
  return {s.in[i],     s.out[i],      s.kernel[i],
          s.stride[i], -s.padding[i], s.dilation[i]};
}

static Axis backwardAxis(const ConvShape &s, int i, int64_t first) {
  int64_t stride = s.stride[i], dilation = s.dilation[i];
  int64_t gcd = std::gcd(stride, dilation), tapStep = stride / gcd;
  Axis a{s.out[i], (s.in[i] - first + stride - 1) / stride,
         0,        1,
         0,        dilation / gcd,
         stride,   first};
  int64_t lowest = 0;
  while (lowest < tapStep &&
         (first + s.padding[i] - lowest * dilation) % stride)
    ++lowest;
  if (lowest == tapStep || lowest >= s.kernel[i])
    return a;
  a.taps = (s.kernel[i] - lowest + tapStep - 1) / tapStep;
  int64_t highest = lowest + (a.taps - 1) * tapStep;
  a.filterFirst = highest;
  a.filterStep = -tapStep;
  a.offset = (first + s.padding[i] - highest * dilation) /
             stride; // whole, of either sign
  return a;
}

std::vector<Axis> backwardPhases(const ConvShape &s, int axis) {
  std::vector<Axis> all;
  for (int64_t i = 0; i < std::min(s.stride[axis], s.in[axis]); ++i)
    all.push_back(backwardAxis(s, axis, i));
  return all;
}

} // namespace gradmill::nn
