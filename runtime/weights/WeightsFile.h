// Weights from files of any program, and into files that other programs open.
//
// | format | read | written |
// |---|---|---|
// | safetensors | yes | yes |
// | npz, of numpy.savez | yes | yes |
// | .pt and .pth, of torch.save since PyTorch 1.6 | tensors | no |
//
// The bytes decide about the format of a file that is read, the name about that
// of one that is written. Bytes may come from anyone: any give tensors or an
// error, within memory of a few times the file.
#pragma once

#include "checkpoint/SafeTensors.h"
#include "data/Unpack.h"

namespace gradmill::rt {

struct WeightsFile {
  SafeTensors content; // the tensors, dense, in C order, little-endian
  std::string format;  // "PyTorch"
  std::vector<std::string> notes; // lines for people: what was left out, and why
};

struct ReadWeightsOptions {
  std::string key; // of a dictionary in a PyTorch file
  uint64_t maxUnpack = kMaxUnpack;
};

// Errors: those of InputFile and readSafeTensors; zip_damaged, unpack_limit,
// bad_npy, bad_pytorch, weights_key, weights_format.
Result<WeightsFile> readWeights(const std::string &path,
                                const ReadWeightsOptions &options = {});
// For loadWeights (checkpoint/Checkpoint.h).
Result<SafeTensors> readAnyWeights(const std::string &path);

// By the name: .npz, otherwise safetensors. Metadata is for safetensors alone.
// Errors: write_failed, npz_too_large.
Status writeAnyWeights(const std::string &path,
                       const std::vector<StoredTensor> &tensors,
                       Metadata metadata);

} // namespace gradmill::rt
