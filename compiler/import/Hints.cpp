#include "compiler/import/Hints.h"
#include "core/Nearest.h"
#include "nn/Registry.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace gradmill {

// "BatchNorm2d" as "batch_norm2d"; lower-case words stay.
static std::string snakeCase(llvm::StringRef word) {
  std::string snake;
  for (size_t i = 0; i < word.size(); ++i) {
    if (i && llvm::isUpper(word[i]) && !llvm::isUpper(word[i - 1]) &&
        word[i - 1] != '_')
      snake += '_';
    snake += llvm::toLower(word[i]);
  }
  return snake;
}

std::string meantOp(llvm::StringRef word, MLIRContext *context) {
  // The prefix up to the last dot: nn., torch.nn., F.
  llvm::StringRef bare = word.substr(word.rfind('.') + 1);
  if (bare.size() > 64)
    return "";
  std::string snake = snakeCase(bare);
  std::vector<std::string> known;
  for (RegisteredOperationName name : context->getRegisteredOperations())
    if (nn::isGraphOp(name))
      known.push_back(name.getStringRef().str());
  llvm::sort(known);
  auto plain = [](llvm::StringRef text) {
    std::string letters;
    for (char c : text)
      if (c != '_')
        letters += llvm::toLower(c);
    return letters;
  };
  // First an equal name apart from capitals and underscores, then the name in
  // another tool, then the nearest spelling.
  for (const std::string &op : known)
    if (plain(llvm::StringRef(op).split('.').second) == plain(snake))
      return op;
  const Registry *registry =
      context->getOrLoadDialect<nn::NNDialect>()->registry;
  if (registry)
    for (const Registry::OtherName &other : registry->otherNames())
      if (plain(other.name) == plain(snake))
        return other.op;
  std::vector<std::string> bareNames;
  for (const std::string &op : known)
    bareNames.push_back(llvm::StringRef(op).split('.').second.str());
  // Swapped letters are more likely than a missing one.
  auto sorted = [](std::string word) {
    llvm::sort(word);
    return word;
  };
  for (size_t i = 0; i < known.size(); ++i)
    if (sorted(bareNames[i]) == sorted(snake))
      return known[i];
  std::string near = rt::nearest(snake, bareNames);
  for (size_t i = 0; i < known.size(); ++i)
    if (!near.empty() && bareNames[i] == near)
      return known[i];
  return "";
}

std::string suggestOp(llvm::StringRef op, MLIRContext *context) {
  std::string hint = meantOp(op, context);
  return hint.empty() ? "" : "; did you mean " + hint + "?";
}

std::string listed(llvm::ArrayRef<std::string> words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

} // namespace gradmill
