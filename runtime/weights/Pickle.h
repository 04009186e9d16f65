// The pickle in a PyTorch file, read without running anything.
//
// A pickle is a program for a machine with a stack: it may call any function of
// any module. This reader knows the few instructions and functions that PyTorch
// uses for dictionaries of tensors. It builds values of its own for them. A name
// of any other function is an error that says the name.
//
// Bytes come from anyone: values are counted, and refer to each other by number,
// so that neither depth nor circles matter to whoever frees them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gradmill::rt {

struct PickleValue {
  enum class Kind {
    Nothing, // None, and what is of no interest
    Number,  // a whole number or a truth value
    Real,
    Text,
    Tuple,
    List,
    Dict,   // items: key, value, key, value ...
    Global, // text: "torch FloatStorage"
    Storage,
    Tensor,
  };
  Kind kind = Kind::Nothing;
  int64_t number = 0;
  std::string text = {};
  std::vector<uint32_t> items = {}; // numbers of values

  // A storage: its file in the archive (text), its type, how many elements.
  // A tensor: items[0] is its storage.
  std::string type = {};              // in safetensors' spelling: "F32"
  int64_t offset = 0;                 // in elements
  std::vector<int64_t> shape = {}, strides = {}; // in elements
};

struct Pickle {
  std::vector<PickleValue> values;
  uint32_t root = 0;

  const PickleValue &operator[](uint32_t index) const { return values[index]; }
  // The value of a key that is a text, in a dictionary.
  std::optional<uint32_t> find(const PickleValue &dict, std::string_view key) const;
};

// What is wrong, or "".
std::string readPickle(std::string_view bytes, Pickle &pickle);

} // namespace gradmill::rt
