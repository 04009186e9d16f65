// The gradients of gradmill.hpp's models: a function that replaces them, after
// the model moved, and one that throws.
//
// usage: gradients HALF.so, compiled with --accumulate 1
#include "gradmill/gradmill.hpp"
#include <algorithm>
#include <cstdio>
#include <stdexcept>

int main(int, char **argv) {
  auto model = gradmill::Model::open(argv[1], 1);
  int calls = 0;
  model.onGradients([&](std::span<const gm_gradient> sums) {
    ++calls;
    for (const gm_gradient &sum : sums)
      std::fill_n(static_cast<float *>(sum.data), sum.elements, 0.0f);
    return true;
  });
  gradmill::Model moved = std::move(model);
  std::vector<float> images(moved.trainBatch() * moved.inputElements(), 0.5f);
  std::vector<int32_t> labels(moved.trainBatch(), 1);
  auto weights = [&] {
    std::vector<float> all;
    for (gradmill::Tensor t : moved.tensors())
      if (t.role() == "parameter")
        all.insert(all.end(), t.values<float>().begin(),
                   t.values<float>().end());
    return all;
  };
  std::vector<float> before = weights();
  moved.trainStep(images, labels, 0.1f, 1, 0);
  bool same = weights() == before;

  moved.onGradients([](auto) -> bool { throw std::range_error("mine"); });
  try {
    moved.trainStep(images, labels, 0.1f, 1, 1);
    return 1;
  } catch (const std::range_error &) {
    same &= weights() == before;
  }
  moved.onGradients({});
  moved.trainStep(images, labels, 0.1f, 1, 1);
  std::printf("%d call, %s, then %s\n", calls, same ? "unchanged" : "changed",
              weights() == before ? "unchanged" : "changed");
}
