// Types, attributes and weights of a .gmg. Every number that a hostile file
// could set out of range is checked here, before MLIR's builders rely on it.
#include "compiler/import/GmgReader.h"
#include "compiler/import/MlirText.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace gradmill {

//===-- types
//---------------------------------------------------------------===//

Type GmgReader::readType(const schema::Type &type) {
  Type element = elementToMlir(type.element(), context);
  if (!element) {
    error("gmg_type") << "unknown element type " << unsigned(type.element());
    return {};
  }
  if (type.scalar())
    return element;
  if (sizeOf(type.shape()) > kMaxRank) {
    error("gmg_type") << "a tensor of rank " << sizeOf(type.shape())
                      << ", the limit is " << kMaxRank;
    return {};
  }
  SmallVector<int64_t> shape;
  int64_t elements = 1;
  for (size_t i = 0; i < sizeOf(type.shape()); ++i) {
    int64_t size = numberAt(*type.shape(), i);
    if (size < -1) {
      error("gmg_type") << "dimension " << i << " is " << size;
      return {};
    }
    shape.push_back(size == -1 ? ShapedType::kDynamic : size);
    // A zero must not hide an overflow of the other dimensions.
    if (size > 0 && (llvm::MulOverflow(elements, size, elements) ||
                     elements > kMaxElements)) {
      error("gmg_type") << "a tensor of more than 2^40 elements";
      return {};
    }
  }
  return RankedTensorType::get(shape, element);
}

RankedTensorType GmgReader::readValueType(const schema::Type &type) {
  if (type.scalar() || !isValueElement(type.element())) {
    auto diagnostic = error("gmg_type");
    diagnostic << "a value is ";
    if (Type element = elementToMlir(type.element(), context))
      diagnostic << (type.scalar() ? "the number " : "a tensor of ") << element;
    else
      diagnostic << "of unknown element type " << unsigned(type.element());
    diagnostic << "; expected a tensor of f32, f64, i32 or i64";
    return {};
  }
  return cast_or_null<RankedTensorType>(readType(type));
}

//===-- numbers
//---------------------------------------------------------------===//

static bool fits(int64_t value, Type type) {
  if (type.isIndex())
    return true;
  auto integer = cast<IntegerType>(type);
  unsigned width = integer.getWidth();
  if (width == 64)
    return true;
  return integer.isUnsigned() ? llvm::isUIntN(width, value)
                              : llvm::isIntN(width, value);
}

Attribute GmgReader::readInt(const schema::IntAttr &attribute) {
  Type type = elementToMlir(attribute.type(), context);
  if (!type || !type.isIntOrIndex() || type.isInteger(1) ||
      !fits(attribute.value(), type)) {
    error("gmg_attribute") << attribute.value()
                           << " is not a number of integer type "
                           << unsigned(attribute.type());
    return {};
  }
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  return IntegerAttr::get(type,
                          APInt(64, attribute.value()).sextOrTrunc(width));
}

static APFloat floatOfBits(FloatType type, uint64_t bits) {
  return APFloat(type.getFloatSemantics(), APInt(type.getWidth(), bits));
}

Attribute GmgReader::readFloat(const schema::FloatAttr &attribute) {
  auto type =
      dyn_cast_or_null<FloatType>(elementToMlir(attribute.type(), context));
  if (!type || !llvm::isUIntN(type.getWidth(), attribute.bits())) {
    error("gmg_attribute") << attribute.bits()
                           << " is not the bits of float type "
                           << unsigned(attribute.type());
    return {};
  }
  return FloatAttr::get(type, floatOfBits(type, attribute.bits()));
}

// DenseArrayAttr keeps its elements as raw bytes.
template <typename Vector>
static Attribute denseArray(Type type, size_t width, const Vector *values) {
  SmallVector<char> raw;
  for (size_t i = 0; i < sizeOf(values); ++i) {
    uint64_t value = numberAt(*values, i);
    raw.append(reinterpret_cast<char *>(&value),
               reinterpret_cast<char *>(&value) + width);
  }
  return DenseArrayAttr::get(type, sizeOf(values), raw);
}

Attribute GmgReader::readInts(const schema::IntsAttr &attribute) {
  auto type =
      dyn_cast_or_null<IntegerType>(elementToMlir(attribute.type(), context));
  auto isGood = [&](int64_t value) {
    return type.getWidth() == 1 ? value == 0 || value == 1 : fits(value, type);
  };
  if (!type || !type.isSignless() ||
      !allNumbers<int64_t>(attribute.values(), isGood)) {
    error("gmg_attribute") << "an array of integer type "
                           << unsigned(attribute.type())
                           << " that cannot hold its numbers";
    return {};
  }
  if (!spend(sizeOf(attribute.values()) * 8))
    return {};
  return denseArray(type, elementBytes(attribute.type()), attribute.values());
}

Attribute GmgReader::readFloats(const schema::FloatsAttr &attribute) {
  auto type =
      dyn_cast_or_null<FloatType>(elementToMlir(attribute.type(), context));
  auto isGood = [&](uint64_t bits) {
    return llvm::isUIntN(type.getWidth(), bits);
  };
  if (!type || !allNumbers<uint64_t>(attribute.bits(), isGood)) {
    error("gmg_attribute") << "an array of float type "
                           << unsigned(attribute.type())
                           << " that cannot hold its bits";
    return {};
  }
  if (!spend(sizeOf(attribute.bits()) * 8))
    return {};
  return denseArray(type, elementBytes(attribute.type()), attribute.bits());
}

//===-- weights
//-----------------------------------------------------------------===//

Attribute GmgReader::readDense(const schema::DenseAttr &attribute) {
  auto type = dyn_cast_or_null<RankedTensorType>(readType(*attribute.type()));
  if (!type)
    return attribute.type()->scalar()
               ? (error("gmg_buffer") << "data of a number", Attribute())
               : Attribute();
  size_t width = elementBytes(attribute.type()->element());
  if (!type.hasStaticShape() || width == 0) {
    error("gmg_buffer") << type << " cannot have data";
    return {};
  }
  if (attribute.buffer() >= sizeOf(graph.buffers())) {
    error("gmg_buffer") << "refers to buffer " << attribute.buffer() << " of "
                        << sizeOf(graph.buffers());
    return {};
  }
  auto *data = graph.buffers()->Get(attribute.buffer())->data();
  ArrayRef<char> raw(data ? reinterpret_cast<const char *>(data->data())
                          : nullptr,
                     sizeOf(data));
  size_t expected =
      attribute.splat() ? width : size_t(type.getNumElements()) * width;
  if (raw.size() != expected ||
      (attribute.splat() && type.getNumElements() == 0)) {
    error("gmg_buffer") << "buffer " << attribute.buffer() << " has "
                        << raw.size() << " bytes, " << type
                        << (attribute.splat() ? " (splat)" : "") << " needs "
                        << expected;
    return {};
  }

  StringAttr resource;
  if (attribute.resource())
    resource = StringAttr::get(context, text(attribute.resource()));
  // Two attributes may share a buffer. It is decoded, and counted, once.
  Attribute &result =
      dense[{attribute.buffer() * 2 + attribute.splat(), type, resource}];
  if (result || !spend(raw.size()))
    return result;
  if (resource) {
    if (attribute.splat() || width == 0 || resource.empty() || raw.empty()) {
      error("gmg_buffer")
          << "a dense_resource needs a name and data for every element";
      return {};
    }
    auto blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(
        raw, kWeightAlignment, false);
    return result = DenseResourceElementsAttr::get(type, resource.getValue(),
                                                   std::move(blob));
  }
  if (type.getElementType().isInteger(1)) {
    if (!llvm::all_of(raw, [](char byte) { return byte == 0 || byte == 1; })) {
      error("gmg_buffer") << "an i1 in buffer " << attribute.buffer()
                          << " is neither 0 nor 1";
      return {};
    }
    SmallVector<bool> bits(raw.begin(), raw.end());
    return result = DenseElementsAttr::get(type, ArrayRef<bool>(bits));
  }
  return result = DenseElementsAttr::getFromRawBuffer(type, raw);
}

//===-- attributes
//--------------------------------------------------------------===//

// The dialect itself parses it, so the text must be short and shallow. A
// built-in attribute is refused: this form exists for attributes outside of the
// schema.
Attribute
GmgReader::readDialectAttribute(const schema::DialectAttr &attribute) {
  llvm::StringRef source = text(attribute.text()),
                  dialect = text(attribute.dialect());
  if (source.size() > kMaxAttributeText ||
      !nestsWithin(source, kMaxAttributeDepth) || source.contains('\0') ||
      dialect.empty() || dialect == "builtin" ||
      !source.starts_with(("#" + dialect).str())) {
    error("gmg_attribute")
        << "an attribute of dialect '" << dialect
        << "' is too long, too deep or does not begin with its name";
    return {};
  }
  if (!context->getOrLoadDialect(dialect) &&
      !context->allowsUnregisteredDialects()) {
    error("gmg_attribute")
        << "dialect '" << dialect
        << "' is not known; load the plugin that brings it (--plugin)";
    return {};
  }
  Attribute result = mlir::parseAttribute(source, context);
  llvm::StringRef actual;
  if (auto opaque = dyn_cast_or_null<OpaqueAttr>(result))
    actual = opaque.getDialectNamespace();
  else if (result)
    actual = result.getDialect().getNamespace();
  if (actual == dialect)
    return result;
  error("gmg_attribute") << "'" << source
                         << "' is not an attribute of dialect '" << dialect
                         << "'";
  return {};
}

Attribute GmgReader::readAttribute(const schema::Attribute &attribute,
                                   unsigned depth) {
  using V = schema::AttributeValue;
  if (depth > kMaxAttributeDepth) {
    error("gmg_attribute") << "nested deeper than " << kMaxAttributeDepth;
    return {};
  }
  if (!spend(sizeof(void *)))
    return {};
  switch (attribute.value_type()) {
  case V::NONE:
    break;
  case V::UnitAttr:
    return UnitAttr::get(context);
  case V::BoolAttr:
    return BoolAttr::get(context, attribute.value_as_BoolAttr()->value());
  case V::IntAttr:
    return readInt(*attribute.value_as_IntAttr());
  case V::FloatAttr:
    return readFloat(*attribute.value_as_FloatAttr());
  case V::StringAttr:
    return StringAttr::get(context,
                           text(attribute.value_as_StringAttr()->value()));
  case V::IntsAttr:
    return readInts(*attribute.value_as_IntsAttr());
  case V::FloatsAttr:
    return readFloats(*attribute.value_as_FloatsAttr());
  case V::ArrayAttr: {
    SmallVector<Attribute> elements;
    auto *array = attribute.value_as_ArrayAttr();
    for (size_t i = 0; i < sizeOf(array->elements()); ++i) {
      elements.push_back(readAttribute(*array->elements()->Get(i), depth + 1));
      if (!elements.back())
        return {};
    }
    return ArrayAttr::get(context, elements);
  }
  case V::DictionaryAttr: {
    NamedAttrList entries;
    if (failed(readAttributes(attribute.value_as_DictionaryAttr()->entries(),
                              entries, depth + 1)))
      return {};
    return entries.getDictionary(context);
  }
  case V::TypeAttr: {
    Type type = readType(*attribute.value_as_TypeAttr()->type());
    return type ? TypeAttr::get(type) : Attribute();
  }
  case V::SymbolAttr: {
    llvm::StringRef name = text(attribute.value_as_SymbolAttr()->name());
    if (!name.empty())
      return FlatSymbolRefAttr::get(context, name);
    error("gmg_attribute") << "a symbol without a name";
    return {};
  }
  case V::DenseAttr:
    return readDense(*attribute.value_as_DenseAttr());
  case V::DialectAttr:
    return readDialectAttribute(*attribute.value_as_DialectAttr());
  }
  error("gmg_attribute") << "of unknown kind "
                         << unsigned(attribute.value_type())
                         << "; a newer gradmill may know it";
  return {};
}

LogicalResult
GmgReader::readAttributes(const TableVector<schema::Attribute> *entries,
                          NamedAttrList &out, unsigned depth) {
  std::string outer = subject;
  SmallVector<NamedAttribute> list;
  for (size_t i = 0; i < sizeOf(entries); ++i) {
    const schema::Attribute &entry = *entries->Get(i);
    llvm::StringRef name = text(entry.name());
    if (name.empty())
      return error("gmg_name") << "attribute " << i << " has no name";
    subject = outer + "attribute '" + name.str() + "': ";
    Attribute value = readAttribute(entry, depth);
    if (!value)
      return failure();
    subject = outer;
    list.emplace_back(StringAttr::get(context, name), value);
  }
  if (auto twice = DictionaryAttr::findDuplicate(list, /*isSorted=*/false))
    return error("gmg_name")
           << "attribute '" << twice->getName() << "' is given twice";
  out.append(list);
  return success();
}

} // namespace gradmill
