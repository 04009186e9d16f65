#include "compiler/export/GmgWriter.h"
#include "compiler/import/MlirText.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

static_assert(
    llvm::endianness::native == llvm::endianness::little,
    "weights are copied as they lie in memory, and files are little-endian");

namespace gradmill {

InFlightDiagnostic GmgWriter::unsupported() {
  failed = true;
  return current->emitError("[gmg_unsupported] '")
         << current->getName() << "': a graph file cannot hold ";
}

//===-- types
//-----------------------------------------------------------------===//

flatbuffers::Offset<schema::Type> GmgWriter::writeType(Type type) {
  auto known = types.find(type);
  if (known != types.end())
    return known->second;
  auto tensor = dyn_cast<RankedTensorType>(type);
  schema::ElementType element =
      elementFromMlir(tensor ? tensor.getElementType() : type);
  if (element == schema::ElementType::None) {
    unsupported() << "the type " << type;
    return 0;
  }
  if (tensor && tensor.getEncoding()) {
    unsupported() << "the layout of " << type
                  << "; write the graph before it is scheduled";
    return 0;
  }
  std::vector<int64_t> shape;
  if (tensor)
    for (int64_t size : tensor.getShape())
      shape.push_back(ShapedType::isDynamic(size) ? -1 : size);
  if (shape.size() > kMaxRank || (tensor && tensor.hasStaticShape() &&
                                  tensor.getNumElements() > kMaxElements)) {
    unsupported() << "a tensor as large as " << type;
    return 0;
  }
  auto shapeOffset = shape.empty() ? 0 : builder.CreateVector(shape);
  return types[type] =
             schema::CreateType(builder, element, shapeOffset, !tensor);
}

flatbuffers::Offset<schema::Type> GmgWriter::writeValueType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (tensor && isValueElement(elementFromMlir(tensor.getElementType())))
    return writeType(type);
  unsupported() << "a value of type " << type
                << "; values are ranked tensors of f32, f64, i32 or i64";
  return 0;
}

//===-- weights
//-----------------------------------------------------------------===//

// Buffers are written before anything that refers to them, so they end up at
// the end of the file: FlatBuffers grows downwards.
void GmgWriter::collectBuffers(ModuleOp module) {
  AttrTypeWalker walker;
  walker.addWalk([&](Attribute attribute) {
    if (isa<DenseIntOrFPElementsAttr, DenseResourceElementsAttr>(attribute))
      addBuffer(attribute);
  });
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    current = op;
    walker.walk(op->getAttrDictionary());
  });
}

void GmgWriter::addBuffer(Attribute attribute) {
  if (buffers.count(attribute))
    return;
  ArrayRef<char> raw;
  SmallVector<char> bytes;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute)) {
    if (!resource.getRawHandle().getBlob()) {
      unsupported() << "the resource '" << resource.getRawHandle().getKey()
                    << "', which has no data";
      return;
    }
    raw = resource.getData();
  } else if (auto dense = cast<DenseElementsAttr>(attribute);
             dense.getElementType().isInteger(1)) {
    // MLIR does not fix its own form of i1.
    if (dense.isSplat())
      bytes.push_back(dense.getSplatValue<bool>());
    else
      bytes.append(dense.value_begin<bool>(), dense.value_end<bool>());
    raw = bytes;
  } else {
    raw = dense.getRawData();
  }
  weightBytes += raw.size() + kWeightAlignment;
  if (weightBytes > kMaxWeightBytes) {
    if (!failed)
      current->emitError("[gmg_too_large] the weights exceed the ")
          << kMaxWeightBytes << " bytes that one file can hold";
    failed = true;
    return;
  }
  flatbuffers::Offset<flatbuffers::Vector<uint8_t>> data;
  if (!raw.empty()) {
    builder.ForceVectorAlignment(raw.size(), 1, kWeightAlignment);
    data = builder.CreateVector(reinterpret_cast<const uint8_t *>(raw.data()),
                                raw.size());
  }
  buffers[attribute] = schema::CreateBuffer(builder, data);
}

flatbuffers::Offset<schema::DenseAttr>
GmgWriter::writeDense(Attribute attribute) {
  auto elements = cast<ElementsAttr>(attribute);
  auto tensor = dyn_cast<RankedTensorType>(elements.getShapedType());
  if (!tensor || elementBytes(elementFromMlir(tensor.getElementType())) == 0) {
    unsupported() << "data of type " << elements.getShapedType();
    return 0;
  }
  auto type = writeType(tensor);
  if (failed)
    return 0;
  auto found = buffers.find(attribute);
  if (found == buffers.end()) {
    failed = true; // has been reported
    return 0;
  }
  uint32_t index = found - buffers.begin();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute)) {
    uint64_t expected = tensor.getNumElements() *
                        elementBytes(elementFromMlir(tensor.getElementType()));
    if (resource.getData().size() != expected || expected == 0) {
      unsupported() << "the resource '" << resource.getRawHandle().getKey()
                    << "': " << resource.getData().size() << " bytes, "
                    << tensor << " needs " << expected;
      return 0;
    }
    return schema::CreateDenseAttr(builder, type, index, false,
                                   string(resource.getRawHandle().getKey()));
  }
  return schema::CreateDenseAttr(builder, type, index,
                                 cast<DenseElementsAttr>(attribute).isSplat());
}

//===-- attributes
//--------------------------------------------------------------===//

// The numbers of an array<...>, each widened from its own bytes.
template <typename T>
static std::vector<T> widen(DenseArrayAttr array, size_t width, bool isSigned) {
  std::vector<T> numbers;
  ArrayRef<char> raw = array.getRawData();
  for (; !raw.empty(); raw = raw.drop_front(width)) {
    uint64_t value = 0;
    memcpy(&value, raw.data(), width);
    numbers.push_back(isSigned ? llvm::SignExtend64(value, width * 8) : value);
  }
  return numbers;
}

flatbuffers::Offset<schema::Attribute>
GmgWriter::writeAttribute(llvm::StringRef name, Attribute value,
                          unsigned depth) {
  using V = schema::AttributeValue;
  if (depth > kMaxAttributeDepth) {
    unsupported() << "attributes nested deeper than " << kMaxAttributeDepth;
    return 0;
  }
  V kind = V::NONE;
  flatbuffers::Offset<void> body;
  auto set = [&](V newKind, auto offset) {
    kind = newKind;
    body = offset.Union();
  };
  auto reject = [&] {
    unsupported() << "the attribute '" << name << "' = " << value;
  };

  llvm::TypeSwitch<Attribute>(value)
      .Case(
          [&](UnitAttr) { set(V::UnitAttr, schema::CreateUnitAttr(builder)); })
      .Case([&](BoolAttr flag) {
        set(V::BoolAttr, schema::CreateBoolAttr(builder, flag.getValue()));
      })
      .Case([&](IntegerAttr number) {
        schema::ElementType type = elementFromMlir(number.getType());
        if (type == schema::ElementType::None)
          return reject();
        const APInt &bits = number.getValue();
        bool isUnsigned = number.getType().isUnsignedInteger();
        set(V::IntAttr,
            schema::CreateIntAttr(builder, type,
                                  isUnsigned ? int64_t(bits.getZExtValue())
                                             : bits.getSExtValue()));
      })
      .Case([&](FloatAttr number) {
        schema::ElementType type = elementFromMlir(number.getType());
        if (type == schema::ElementType::None)
          return reject();
        set(V::FloatAttr,
            schema::CreateFloatAttr(
                builder, type,
                number.getValue().bitcastToAPInt().getZExtValue()));
      })
      .Case([&](StringAttr text) {
        if (!isa<NoneType>(text.getType()))
          return reject();
        set(V::StringAttr,
            schema::CreateStringAttr(builder, string(text.getValue())));
      })
      .Case([&](DenseArrayAttr array) {
        schema::ElementType type = elementFromMlir(array.getElementType());
        size_t width = elementBytes(type);
        bool isFloat = isa<FloatType>(array.getElementType());
        if (width == 0 ||
            (!isFloat && !array.getElementType().isSignlessInteger()))
          return reject();
        if (isFloat)
          return set(
              V::FloatsAttr,
              schema::CreateFloatsAttr(
                  builder, type,
                  builder.CreateVector(widen<uint64_t>(array, width, false))));
        bool isSigned = !array.getElementType().isInteger(1);
        set(V::IntsAttr,
            schema::CreateIntsAttr(
                builder, type,
                builder.CreateVector(widen<int64_t>(array, width, isSigned))));
      })
      .Case([&](ArrayAttr array) {
        SmallVector<flatbuffers::Offset<schema::Attribute>> elements;
        for (Attribute element : array)
          elements.push_back(writeAttribute("", element, depth + 1));
        set(V::ArrayAttr,
            schema::CreateArrayAttr(builder, vector(llvm::ArrayRef(elements))));
      })
      .Case([&](DictionaryAttr dictionary) {
        auto entries = writeAttributes(dictionary.getValue(), depth + 1);
        set(V::DictionaryAttr, schema::CreateDictionaryAttr(builder, entries));
      })
      .Case([&](TypeAttr type) {
        if (auto offset = writeType(type.getValue()); !failed)
          set(V::TypeAttr, schema::CreateTypeAttr(builder, offset));
      })
      .Case([&](FlatSymbolRefAttr symbol) {
        set(V::SymbolAttr,
            schema::CreateSymbolAttr(builder, string(symbol.getValue())));
      })
      .Case<DenseIntOrFPElementsAttr, DenseResourceElementsAttr>(
          [&](Attribute dense) { set(V::DenseAttr, writeDense(dense)); })
      .Default([&](Attribute other) {
        auto opaque = dyn_cast<OpaqueAttr>(other);
        llvm::StringRef dialect = opaque ? opaque.getDialectNamespace()
                                         : other.getDialect().getNamespace();
        std::string text;
        llvm::raw_string_ostream(text) << other;
        if (dialect == "builtin" || text.size() > kMaxAttributeText ||
            !nestsWithin(text, kMaxAttributeDepth))
          return reject();
        set(V::DialectAttr,
            schema::CreateDialectAttr(builder, string(dialect), string(text)));
      });
  // After a failure stop building: FlatBuffers insists on required parts.
  if (failed)
    return 0;
  auto nameOffset = name.empty() ? 0 : string(name);
  return schema::CreateAttribute(builder, nameOffset, kind, body);
}

flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<schema::Attribute>>>
GmgWriter::writeAttributes(ArrayRef<NamedAttribute> entries, unsigned depth) {
  SmallVector<flatbuffers::Offset<schema::Attribute>> offsets;
  for (NamedAttribute entry : entries)
    offsets.push_back(writeAttribute(entry.getName(), entry.getValue(), depth));
  return vector(llvm::ArrayRef(offsets));
}

} // namespace gradmill
