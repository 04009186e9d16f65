// Rows from ops, by their interfaces: a plugin's op is shown like any other, and
// one that says nothing of its costs or windows with what its types say.
#include "Describe.h"
#include "compiler/autodiff/Spec.h"
#include "nn/LayerName.h"
#include "nn/ReceptiveField.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

std::string sampleShape(Value value) {
  ArrayRef<int64_t> shape = shapeOf(value);
  return nn::shapeText(shape.empty() ? shape : shape.drop_front());
}

// "mnist.net:10"
std::string placeText(Operation *op) {
  auto place = dyn_cast<FileLineColLoc>(nn::placeOf(op));
  return place && place.getLine() > 0
             ? (llvm::sys::path::filename(place.getFilename().getValue()) + ":" +
                Twine(place.getLine()))
                   .str()
             : "";
}

std::string attributeText(Attribute attribute) {
  if (auto text = dyn_cast<StringAttr>(attribute))
    return text.str();
  if (auto number = dyn_cast<FloatAttr>(attribute))
    return numberText(number.getValueAsDouble());
  if (auto number = dyn_cast<IntegerAttr>(attribute))
    return std::to_string(number.getInt());
  std::vector<std::string> parts;
  if (auto list = dyn_cast<ArrayAttr>(attribute))
    for (Attribute part : list)
      parts.push_back(attributeText(part));
  return parts.size() == 1 ? parts[0] : "[" + llvm::join(parts, ", ") + "]";
}

// Of an argument: "mean 0.1307, std 0.3081".
std::string noteOf(DictionaryAttr attributes) {
  std::string note;
  for (StringRef name : {"mean", "std", "preprocess", "classes"})
    if (Attribute value =
            attributes ? attributes.get(("nn." + name).str()) : Attribute())
      note += (note.empty() ? "" : ", ") + name.str() + " " + attributeText(value);
  return note;
}

std::string nameOf(DictionaryAttr attributes, StringRef otherwise) {
  auto name = attributes ? attributes.getAs<StringAttr>("nn.name") : StringAttr();
  return name ? name.str() : otherwise.str();
}

int64_t bytesOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return llvm::divideCeil(type.getNumElements() * type.getElementTypeBitWidth(),
                          8);
}

// That the function is for.
int64_t batchOf(func::FuncOp func) {
  for (Type type : func.getArgumentTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && tensor.getRank())
      return std::max<int64_t>(tensor.getDimSize(0), 1);
  return 1;
}

// The most bytes that values need at one op; the model's own tensors lie
// elsewhere.
int64_t peakOf(func::FuncOp func) {
  DenseMap<Value, Operation *> last;
  Block &block = func.front();
  for (Operation &op : block)
    for (Value operand : op.getOperands())
      last[operand] = &op;
  int64_t alive = 0, peak = 0;
  for (BlockArgument input : block.getArguments())
    alive += last.count(input) ? bytesOf(input) : 0;
  for (Operation &op : block) {
    if (isa<nn::ParameterOp, nn::ConstantOp>(op))
      continue;
    for (Value result : op.getResults())
      alive += bytesOf(result);
    peak = std::max(peak, alive);
    for (Value value : llvm::SmallSetVector<Value, 4>(op.getOperands().begin(),
                                                      op.getOperands().end()))
      if (last[value] == &op &&
          !isa_and_nonnull<nn::ParameterOp, nn::ConstantOp>(
              value.getDefiningOp()))
        alive -= bytesOf(value);
    for (Value result : op.getResults())
      if (result.use_empty())
        alive -= bytesOf(result);
  }
  return peak;
}

// Puts rows into blocks by their names.
class TreeBuilder {
public:
  explicit TreeBuilder(std::vector<Layer> &top) : top(top) {}

  void add(Layer row, StringRef path) {
    SmallVector<StringRef> blocks;
    path.split(blocks, '.');
    row.name = blocks.pop_back_val().str();
    row.path = path.str();
    std::vector<Layer> *where = &top;
    std::string prefix;
    for (StringRef block : blocks) {
      prefix += block.str() + ".";
      // A block goes on if nothing else came between.
      bool goesOn = !where->empty() && where->back().op.empty() &&
                    where->back().name == block;
      if (!goesOn) {
        Layer fresh;
        fresh.name = block.str();
        fresh.path = prefix;
        where->push_back(std::move(fresh));
      }
      where = &where->back().layers;
    }
    where->push_back(std::move(row));
  }

private:
  std::vector<Layer> &top;
};

// Of an op without a name or block between two in one block: that block. No
// format but a net's text says more.
std::vector<std::string> pathsOf(ArrayRef<Operation *> ops) {
  std::vector<std::string> paths;
  for (Operation *op : ops)
    paths.push_back(nn::layerNameOf(op));
  auto blockOf = [](StringRef path) {
    size_t dot = path.rfind('.');
    return dot == StringRef::npos ? StringRef() : path.take_front(dot + 1);
  };
  // The nearest names in front and behind.
  std::vector<StringRef> before(ops.size()), after(ops.size());
  for (size_t i = 1; i < ops.size(); ++i)
    before[i] = paths[i - 1].empty() ? before[i - 1] : StringRef(paths[i - 1]);
  for (size_t i = ops.size(); i-- > 1;)
    after[i - 1] = paths[i].empty() ? after[i] : StringRef(paths[i]);
  std::vector<std::string> filled = paths;
  for (size_t i = 0; i < ops.size(); ++i) {
    if (!paths[i].empty())
      continue;
    StringRef one = blockOf(before[i]), two = blockOf(after[i]);
    size_t common = 0;
    for (size_t c = 0; c < std::min(one.size(), two.size()) && one[c] == two[c];
         ++c)
      if (one[c] == '.')
        common = c + 1;
    filled[i] = one.take_front(common).str();
  }
  return filled;
}

class Describer {
public:
  explicit Describer(func::FuncOp func) : func(func), fields(func.front()) {}

  Layer row(Operation *op) {
    Layer row;
    row.op = op->getName().getStringRef().str();
    row.place = placeText(op);
    row.shape = sampleShape(op->getResult(0));
    LayerNumbers &n = row.numbers;
    addParameters(op, n);
    // Ops say what a batch costs.
    int64_t batch = batchOf(func);
    if (auto cost = dyn_cast<nn::CostInterface>(op)) {
      n.macs = cost.getMacs() / batch;
      n.macsWithPadding = cost.getMacsWithPadding() / batch;
    }
    for (Value result : op->getResults())
      n.bytes += bytesOf(result) / batch;
    n.kept = -1;
    const nn::Reaches &reaches = fields.of(op->getResult(0));
    row.seesPicture = !nn::ReceptiveFields::isUnknown(reaches);
    if (row.seesPicture)
      for (const nn::Reach &r : reaches)
        row.field.push_back({r.field(), r.jump, r.start});
    return row;
  }

  std::vector<std::string> tied; // names

private:
  // By name: two ops may read one parameter, and one op may use it twice.
  void addParameters(Operation *op, LayerNumbers &n) {
    for (Value operand : llvm::SmallSetVector<Value, 4>(
             op->getOperands().begin(), op->getOperands().end())) {
      auto parameter = operand.getDefiningOp<nn::ParameterOp>();
      if (!parameter || !parameter.isTrainable())
        continue;
      bool isNew = seen.insert(parameter.getName()).second;
      (isNew ? n.parameters : n.tied) +=
          ShapedType::getNumElements(shapeOf(operand));
      if (!isNew && !llvm::is_contained(tied, parameter.getName()))
        tied.push_back(parameter.getName().str());
    }
  }

  func::FuncOp func;
  nn::ReceptiveFields fields;
  llvm::StringSet<> seen;
};

void collectRows(std::vector<Layer> &layers, std::vector<Layer *> &rows) {
  for (Layer &layer : layers)
    if (layer.op.empty())
      collectRows(layer.layers, rows);
    else
      rows.push_back(&layer);
}
} // namespace

std::vector<Operation *> layerOps(func::FuncOp func) {
  std::vector<Operation *> ops;
  for (Operation &op : func.front())
    if (op.getNumResults() && !isa<nn::ParameterOp, nn::ConstantOp>(op))
      ops.push_back(&op);
  return ops;
}

std::vector<Layer *> rowsOf(Summary &summary) {
  std::vector<Layer *> rows;
  collectRows(summary.layers, rows);
  return rows;
}

Summary describe(func::FuncOp func, ArrayRef<Operation *> ops) {
  Summary all;
  Describer describer(func);
  TreeBuilder tree(all.layers);
  std::vector<std::string> paths = pathsOf(ops);
  DenseMap<Operation *, int64_t> indices;
  for (auto [index, op] : llvm::enumerate(ops))
    indices[op] = int64_t(index);
  auto indexOf = [&](Value value) -> std::optional<int64_t> {
    if (isa<BlockArgument>(value))
      return -1;
    auto found = indices.find(value.getDefiningOp());
    return found == indices.end() ? std::nullopt : std::optional(found->second);
  };
  for (auto [op, path] : llvm::zip(ops, paths)) {
    Layer row = describer.row(op);
    for (Value operand : op->getOperands())
      if (auto index = indexOf(operand);
          index && !llvm::is_contained(row.inputs, *index))
        row.inputs.push_back(*index);
    tree.add(std::move(row), path);
  }
  all.tied = describer.tied;
  for (BlockArgument input : func.getArguments()) {
    DictionaryAttr attributes = func.getArgAttrDict(input.getArgNumber());
    all.inputs.push_back({nameOf(attributes, "input"), sampleShape(input),
                          noteOf(attributes)});
  }
  Operation *end = func.front().getTerminator();
  for (OpOperand &output : end->getOpOperands())
    all.outputs.push_back(
        {nameOf(func.getResultAttrDict(output.getOperandNumber()), "output"),
         sampleShape(output.get()),
         nn::meaningText(nn::meaningOf(output.get())).str(),
         indexOf(output.get()).value_or(-1)});
  llvm::StringSet<> counted;
  for (auto parameter : func.getOps<nn::ParameterOp>())
    if (counted.insert(parameter.getName()).second) {
      all.modelBytes += bytesOf(parameter);
      all.gradientBytes += parameter.isTrainable() ? bytesOf(parameter) : 0;
    }
  all.peakBytes = peakOf(func) / batchOf(func);
  return all;
}

//===-- Marks -------------------------------------------------------------===//

static constexpr llvm::StringLiteral kMark = "row";

void markRows(ArrayRef<Operation *> ops) {
  for (auto [index, op] : llvm::enumerate(ops))
    op->setLoc(FileLineColLoc::get(op->getContext(), kMark, index + 1, 1));
}

std::optional<size_t> markedRow(Location place) {
  auto mark = place->findInstanceOf<FileLineColLoc>();
  if (!mark || mark.getFilename() != kMark || mark.getLine() == 0)
    return std::nullopt;
  return mark.getLine() - 1;
}

std::optional<size_t> markedRow(StringRef at) {
  size_t line = 0;
  if (!at.consume_front(kMark) || !at.consume_front(":") ||
      at.getAsInteger(10, line) || line == 0)
    return std::nullopt;
  return line - 1;
}

} // namespace gradmill::cli
