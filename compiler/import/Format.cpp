#include "compiler/import/Format.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace gradmill {

bool isBytecode(llvm::StringRef bytes) {
  return bytes.starts_with("ML\xefR");
}
bool isGmg(llvm::StringRef bytes) {
  return bytes.size() >= 8 && bytes.substr(4, 4) == schema::GraphIdentifier();
}
bool isJson(llvm::StringRef bytes) {
  llvm::StringRef text = bytes.ltrim(" \t\r\n");
  return text.starts_with("{") &&
         !text.starts_with("{-#"); // which opens MLIR's own metadata
}
// protobuf has no mark. The first field is the version of the format, the next
// one a name, the graph, or the versions of operators.
bool isOnnx(llvm::StringRef bytes) {
  return bytes.size() >= 3 && bytes[0] == 8 && bytes[1] > 0 && bytes[1] < 32 &&
         llvm::StringRef("\x12\x1a\x22\x28\x32\x3a\x42").contains(bytes[2]);
}

bool looksLikeNet(llvm::StringRef text) {
  while (true) {
    text = text.ltrim(" \t\r\n");
    if (!text.starts_with("//"))
      break;
    text = text.split('\n').second;
  }
  llvm::StringRef word =
      text.take_while([](char c) { return llvm::isAlpha(c); });
  return text.substr(word.size()).starts_with(" ") &&
         (word == "input" || word == "let" || word == "block" ||
          word == "inline" || word == "default");
}

const Registry &registryBehind(MLIRContext *context) {
  return *context->getOrLoadDialect<nn::NNDialect>()->registry;
}

Type elementToMlir(schema::ElementType element, MLIRContext *context) {
  using E = schema::ElementType;
  auto integer = [&](unsigned width,
                     IntegerType::SignednessSemantics sign) -> Type {
    return IntegerType::get(context, width, sign);
  };
  switch (element) {
  case E::None:
    return {};
  case E::F16:
    return Float16Type::get(context);
  case E::BF16:
    return BFloat16Type::get(context);
  case E::F32:
    return Float32Type::get(context);
  case E::F64:
    return Float64Type::get(context);
  case E::I1:
    return integer(1, IntegerType::Signless);
  case E::I8:
    return integer(8, IntegerType::Signless);
  case E::I16:
    return integer(16, IntegerType::Signless);
  case E::I32:
    return integer(32, IntegerType::Signless);
  case E::I64:
    return integer(64, IntegerType::Signless);
  case E::SI8:
    return integer(8, IntegerType::Signed);
  case E::SI16:
    return integer(16, IntegerType::Signed);
  case E::SI32:
    return integer(32, IntegerType::Signed);
  case E::SI64:
    return integer(64, IntegerType::Signed);
  case E::UI8:
    return integer(8, IntegerType::Unsigned);
  case E::UI16:
    return integer(16, IntegerType::Unsigned);
  case E::UI32:
    return integer(32, IntegerType::Unsigned);
  case E::UI64:
    return integer(64, IntegerType::Unsigned);
  case E::Index:
    return IndexType::get(context);
  }
  return {}; // a file may hold any byte here
}

schema::ElementType elementFromMlir(Type type) {
  for (schema::ElementType element : schema::EnumValuesElementType())
    if (type && elementToMlir(element, type.getContext()) == type)
      return element;
  return schema::ElementType::None;
}

size_t elementBytes(schema::ElementType element) {
  using E = schema::ElementType;
  switch (element) {
  case E::I1:
  case E::I8:
  case E::SI8:
  case E::UI8:
    return 1;
  case E::F16:
  case E::BF16:
  case E::I16:
  case E::SI16:
  case E::UI16:
    return 2;
  case E::F32:
  case E::I32:
  case E::SI32:
  case E::UI32:
    return 4;
  case E::F64:
  case E::I64:
  case E::SI64:
  case E::UI64:
    return 8;
  case E::None:
  case E::Index:
    return 0;
  }
  return 0;
}

bool isValueElement(schema::ElementType element) {
  using E = schema::ElementType;
  return element == E::F32 || element == E::F64 || element == E::I32 ||
         element == E::I64;
}

bool isOpName(llvm::StringRef name) {
  auto [dialect, op] = name.split('.');
  auto isWord = [](llvm::StringRef word) {
    return !word.empty() && (llvm::isAlpha(word[0]) || word[0] == '_') &&
           llvm::all_of(word, [](char c) {
             return llvm::isAlnum(c) || c == '_' || c == '$' || c == '.' ||
                    c == '-';
           });
  };
  return isWord(dialect) && isWord(op);
}

InFlightDiagnostic fileError(MLIRContext *context, llvm::StringRef file,
                             llvm::StringRef label) {
  return emitError(NameLoc::get(StringAttr::get(context, file)))
         << "[" << label << "] " << file << ": ";
}

Location opNumberLocation(MLIRContext *context, llvm::StringRef file,
                          size_t number) {
  return NameLoc::get(
      StringAttr::get(context, file + ":op#" + llvm::Twine(number)));
}

// Makes names and paths printable and valid in JSON.
static StringAttr printable(MLIRContext *context, llvm::StringRef text) {
  constexpr size_t kMaxBytes = 4096;
  std::string clean = llvm::json::fixUTF8(text.take_back(kMaxBytes));
  for (char &c : clean)
    if (uint8_t(c) < 32 || c == 127)
      c = '?';
  return StringAttr::get(context, clean);
}

// One step at a time, and a limited number of steps: a file may nest locations
// as deep as it wants.
Location plainLocation(Location location) {
  MLIRContext *context = location.getContext();
  StringAttr name;
  for (int step = 0; step < 64; ++step) {
    if (auto place = dyn_cast<FileLineColRange>(location)) {
      location = FileLineColLoc::get(
          printable(context, place.getFilename().getValue()),
          place.getStartLine(), place.getStartColumn());
      return name ? NameLoc::get(name, location) : location;
    }
    if (auto named = dyn_cast<NameLoc>(location)) {
      if (!name)
        name = printable(context, named.getName().getValue());
      location = named.getChildLoc();
    } else if (auto call = dyn_cast<CallSiteLoc>(location)) {
      location = call.getCallee();
    } else if (auto fused = dyn_cast<FusedLoc>(location);
               fused && !fused.getLocations().empty()) {
      ArrayRef<Location> parts = fused.getLocations().take_front(8);
      auto known =
          llvm::find_if(parts, [](Location l) { return !isa<UnknownLoc>(l); });
      location = known == parts.end() ? parts.front() : *known;
    } else {
      break;
    }
  }
  location = UnknownLoc::get(context);
  return name ? NameLoc::get(name, location) : location;
}

bool isOpNumberLocation(Location location) {
  auto name = dyn_cast<NameLoc>(location);
  if (!name || !isa<UnknownLoc>(name.getChildLoc()))
    return false;
  auto [file, number] = name.getName().getValue().rsplit(":op#");
  return !number.empty() && llvm::all_of(number, llvm::isDigit);
}

} // namespace gradmill
