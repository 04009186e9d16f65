// A net's text as a tree, before anything is known of ops.
#pragma once

#include "Lexer.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <vector>

namespace gradmill::net {

/// A number, or an expression of numbers.
struct Expression {
  enum Kind { Whole, Real, Text, Flag, Name, List, Negative, Binary, Size } kind;
  Place place;
  std::string text; // a string, a name, a sign
  int64_t whole = 0;
  double real = 0;
  std::vector<Expression> parts;
};

struct Argument {
  Place place;
  std::string name; // empty: unnamed
  Expression value;
};

/// Something that takes a value and gives one, or only gives one.
struct Item {
  enum Kind {
    Name,   // a value, or a layer without parentheses
    Call,   // a layer or a block
    Chain,  // parts, one after another: a | b
    Lines,  // { lines }
    Repeat, // `parts[0]`, `numbers[0]` times or for numbers[0]..numbers[1]
    Binary, // parts[0] `text` parts[1]
    Number, // numbers[0]
  } kind = Name;
  Place place;
  std::string label, text; // text: a name or a sign
  std::vector<Argument> arguments;
  std::vector<Item> parts;
  std::vector<Expression> numbers;
  std::vector<struct Line> lines;
};

/// f32[N, 1, 28, 28]; `sizes[0]` is the name N if the batch is open.
struct TensorType {
  std::string element = "f32";
  std::vector<Expression> sizes;
};

struct Line {
  enum Kind { Chain, Let, Output } kind;
  Place place;
  std::string name;             // of Let and Output
  std::vector<Item> items;      // Chain: one; Output: one or none
  std::vector<Expression> value; // Let: one
  std::vector<Argument> attributes; // Output
};

struct Input {
  Place place;
  std::string name;
  bool hasType = false; // else the type of the graph's output of this name
  TensorType type;
  std::vector<Argument> attributes;
};

struct Block {
  Place place;
  std::string name;
  bool isInline = false; // the using block or net names its layers
  std::vector<Argument> parameters;
  std::vector<bool> hasDefault;
  std::vector<Line> lines;
};

/// The layer's arguments that a use may leave out.
struct Default {
  Place place;
  std::string layer;
  std::vector<Argument> arguments;
};

struct File {
  std::vector<Input> inputs;
  std::vector<Line> lines;
  std::vector<Block> blocks;
  std::vector<Default> defaults;
  bool hasLoss = false;
  Place lossPlace;
  std::vector<Input> lossInputs;
  std::vector<Line> lossLines;
};

/// The depth of nesting.
inline constexpr unsigned kMaxDepth = 64;
/// Bytes of a text.
inline constexpr size_t kMaxBytes = size_t(16) << 20;

/// Calls `fail` once with what is wrong and where ("[label] ..."), and returns
/// false then.
using Fail = llvm::function_ref<void(Place, const std::string &)>;
bool parse(llvm::StringRef text, File &file, Fail fail);
/// A value as --set gives it.
bool parseValue(llvm::StringRef text, Expression &value, Fail fail);

} // namespace gradmill::net
