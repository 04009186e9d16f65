// The description of a compiled model (docs/manifest.md), parsed and checked.
// Every size, index and offset in a result of parseManifest is safe to use.
#pragma once

#include "core/Error.h"
#include "core/Port.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradmill::rt {

// a * b, or nullopt on overflow.
std::optional<uint64_t> checkedMul(uint64_t a, uint64_t b);
// The number of elements of a shape; nullopt for a negative extent or overflow.
std::optional<uint64_t> elementCount(const std::vector<int64_t> &shape);

// Gradient: a sum over several batches, 0 between updates. Average: of the
// parameter or buffer `of`. Inference reads it in that tensor's place.
enum class Role { Parameter, Buffer, Optimizer, Gradient, Average };
const char *roleName(Role role);

struct TensorInit {
  enum class Kind { Constant, KaimingUniform, KaimingNormal, Data };
  Kind kind = Kind::Constant;
  double value = 0;               // constant
  double fanIn = 1, gain = 1;     // kaiming
  uint64_t offset = 0, bytes = 0; // data
};

struct TensorSpec {
  std::string name;
  Role role = Role::Parameter;
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  uint64_t elements = 0, bytes = 0;
  TensorInit init;
  size_t of = 0; // average: index of the tensor
};

struct BufferSpec {
  enum class Kind { Arena, Input, Scalar, State, Output, Prepared };
  Kind kind = Kind::Arena;
  std::string name; // of inputs, scalars, outputs and prepared buffers
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  uint64_t elements = 0, bytes = 0;
  size_t tensor = 0; // state: index into Manifest::tensors
};

// What entries do (docs/ports.md).
inline constexpr char kTrain[] = "train", kInfer[] = "infer", kLoss[] = "loss";
// A training step in two parts: one adds up the gradients of batches, the other
// applies their mean.
inline constexpr char kAccumulate[] = "accumulate", kUpdate[] = "update";
// Gradients of the predictions by the values that they are computed from.
inline constexpr char kGradients[] = "gradients";
// Computes the prepared buffers of other entries.
inline constexpr char kPrepare[] = "prepare";

// The output, if there is one, to which the kernels of a merged loop add their
// times, in ticks of a clock: i64 [tasks, kernels]. Only the shares mean
// something.
inline constexpr char kKernelClocks[] = "kernel_clocks";

// One kernel of compiled code, for reports: nothing else depends on it.
struct KernelSpec {
  std::string name;               // "conv2d conv2 + relu + batch_stats norm2"
  std::string at;                 // "mnist.net:10", or empty
  std::string schedule;           // "2 pixels x 4 channels", or empty
  std::vector<std::string> notes; // why something is slower than it could be
  int64_t macs = 0, bytesRead = 0, bytesWritten = 0; // a step
  int64_t lanes = 1;                                 // of its vectors
};

struct EntrySpec {
  std::string name;
  std::string does; // kTrain, ...
  int64_t batch = 1;
  uint64_t arenaBytes = 0, arenaLowerBoundBytes = 0;
  uint64_t scratchBytes = 0; // per thread
  std::vector<BufferSpec> buffers;
  std::vector<KernelSpec> kernels; // empty: the compiler gave no report
  // The kernels of the i-th parallel call of a run; several if their loops were
  // merged.
  std::vector<std::vector<int64_t>> calls;

  // Of the widest vectors of its kernels.
  int64_t lanes() const;
  // The number of groups of images that fill these vectors, which is what
  // threads can share.
  int64_t groups() const;
  // The buffer of that kind and name, or null.
  const BufferSpec *find(BufferSpec::Kind kind, std::string_view name) const;
};

struct Manifest {
  std::string name, compiler, triple, cpu, features;
  std::string graph; // its fingerprint; empty in older artifacts
  std::string loss; // as --loss takes it; "@loss": a function of the graph
  std::vector<std::string> plugins; // name, version and content of each
  bool exactConv = false;
  int64_t accumulate = 0; // batches to an update; 0: one, in one program
  std::string targetName;         // "avx2"; empty in older artifacts
  std::vector<std::string> needs; // features that the CPU must have: Cpu.h
  int64_t vectorBytes = 0;
  int64_t parameters = 0;
  std::vector<PortSpec> ports;
  std::string optimizer;     // its name; empty for a model without training
  std::string optimizerText; // its JSON, for people
  // What the optimizer recommends for this batch; 0: nothing.
  double learningRate = 0;
  std::vector<TensorSpec> tensors;
  std::vector<EntrySpec> entries;

  const EntrySpec *entry(std::string_view name) const;
  // The entry that does `what` ("train", "infer", "loss", ...) for the largest
  // batch, or for one sample; null if there is none.
  const EntrySpec *doing(std::string_view what) const;
  const EntrySpec *doingSingly(std::string_view what) const;
  // The entry that takes a batch to train on: "train", or "accumulate".
  const EntrySpec *training() const;
  // How many batches a training step takes.
  int64_t stepParts() const { return accumulate ? accumulate : 1; }
  const PortSpec *port(std::string_view name) const;
  // All with that role, in their order.
  std::vector<const PortSpec *> portsOf(PortRole role) const;
};

// The name of the average of a tensor.
inline std::string averageOf(const std::string &name) {
  return name + "/average";
}

// What is wrong with an entry as a whole; empty if nothing is.
std::string entryProblem(const Manifest &manifest, const EntrySpec &entry);

// The rule of parseManifest that the text breaks; empty: none. The compiler
// checks this before it writes an artifact.
std::string manifestProblem(std::string_view text, uint64_t dataSize);

// `dataSize` bounds the initial values that tensors may name; `origin` opens
// every message. Errors: bad_manifest.
Result<Manifest> parseManifest(std::string_view text, uint64_t dataSize,
                               const std::string &origin);

} // namespace gradmill::rt
