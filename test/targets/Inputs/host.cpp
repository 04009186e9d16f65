// Runs a model that is linked in, on any architecture: the outputs of an
// inference, then the losses of ten training steps, then the outputs with the
// weights that these left. Every number that goes in is a function of its
// index: two architectures can be compared.
#include "core/Model.h"
#include "core/Philox.h"

#include <cstdio>

using namespace gradmill::rt;

static constexpr int kSteps = 10;

static void printOutputs(Model &model, const std::vector<float> &images,
                         int64_t count) {
  size_t classes = size_t(model.manifest().classes);
  std::vector<float> output(size_t(count) * classes);
  if (model.infer(images.data(), count, output.data()))
    return;
  for (size_t i = 0; i < output.size(); ++i)
    std::printf("%.9g%c", output[i], (i + 1) % classes ? ' ' : '\n');
}

int main() {
  auto artifact = Artifact::fromMemory(&gradmill_artifact, "host");
  auto model = artifact ? Model::create(*artifact, 2) : artifact.error();
  if (!model) {
    std::fprintf(stderr, "%s\n", model.error().message.c_str());
    return 1;
  }
  const Manifest &manifest = (*model)->manifest();
  int64_t batch = manifest.entry("train")->batch;
  std::vector<float> images(size_t(batch) * manifest.input.elements);
  std::vector<int32_t> labels(static_cast<size_t>(batch));
  PhiloxStream random(3, PhiloxPurpose::RunInput, 0);
  for (size_t i = 0; i < images.size(); ++i)
    images[i] = 2 * random.uniform(i) - 1;
  for (size_t i = 0; i < labels.size(); ++i)
    labels[i] = int32_t(i % size_t(manifest.classes));
  // One image more than vectors have lanes: a batch that is not full.
  printOutputs(**model, images, 9);
  for (int step = 0; step < kSteps; ++step) {
    auto loss =
        (*model)->trainStep(images.data(), labels.data(), 0.01f, 1, step);
    std::printf("%.9g\n", loss ? *loss : -1);
  }
  printOutputs(**model, images, 9);
  std::fprintf(stderr, "%s %s\n", manifest.triple.c_str(),
               (*artifact)->variant().c_str());
}
