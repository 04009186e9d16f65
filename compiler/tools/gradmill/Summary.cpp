// `gradmill summary`: one line per op with shape, parameters, multiply-adds and
// receptive field.
#include "Session.h"
#include "compiler/Passes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace mlir;

namespace gradmill::cli {
namespace {

// Along one dimension of the image, in its pixels: how far an element sees and
// how far neighbours are apart, which may be parts of a pixel. Features, which
// have no dimensions, stand at `places` places of it: flatten moves pixels there.
struct Reach {
  double extent = 1, jump = 1, places = 1;

  void seeAll() {
    extent += (places - 1) * jump;
    jump = 0; // all elements see the same
    places = 1;
  }
};
using Reaches = SmallVector<Reach, 2>; // empty: nothing of the image
// Of what is no picture any more, tokens or heads for example, nobody can say.
bool isUnknown(const Reaches &reaches) {
  return !reaches.empty() && reaches[0].extent == 0;
}

struct Row {
  std::string op, shape;
  // `tied` are those that an op before has, too, and that are counted there.
  int64_t parameters = 0, tied = 0;
  int64_t macs = 0, macsWithPadding = 0;
  Reaches reach;
};

struct Summary {
  std::vector<Row> rows;
  std::vector<std::string> tied; // names
  int64_t parameters = 0, macs = 0, macsWithPadding = 0;
};

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

size_t spatialDims(Value value) {
  return std::max<int64_t>(shapeOf(value).size(), 2) - 2;
}

// The image itself: pixels, or features in a row.
Reaches reachOfInput(Value input) {
  Reaches reach(std::max<size_t>(spatialDims(input), 1));
  if (spatialDims(input) == 0 && shapeOf(input).size() == 2)
    reach[0].places = double(shapeOf(input)[1]);
  return reach;
}

// Of an op's result, from those of its operands: the farthest of all paths.
Reaches reachOf(Operation &op, const DenseMap<Value, Reaches> &known) {
  Reaches reach;
  size_t dims = 0; // of what `reach` is of
  for (Value operand : op.getOperands()) {
    Reaches in = known.lookup(operand);
    if (isUnknown(in))
      return in;
    dims = in.empty() ? dims : std::max(dims, spatialDims(operand));
    reach.resize(std::max(reach.size(), in.size()), Reach{0, 0, 1});
    for (auto [all, one] : llvm::zip(reach, in))
      all = {std::max(all.extent, one.extent), std::max(all.jump, one.jump),
             std::max(all.places, one.places)};
  }
  auto window = dyn_cast<nn::WindowInterface>(op);
  size_t dimsAfter = spatialDims(op.getResult(0));
  // An op that says nothing leaves pixels where they are, or makes features.
  auto movesPixels = [&](Value operand) {
    return !known.lookup(operand).empty() && dimsAfter > 0 &&
           shapeOf(operand).drop_front(
               std::min<size_t>(2, shapeOf(operand).size())) !=
               shapeOf(op.getResult(0)).drop_front(2);
  };
  if (!reach.empty() && !window &&
      !isa<nn::PointwiseInterface>(op) &&
      llvm::any_of(op.getOperands(), movesPixels))
    return Reaches{Reach{0, 0, 1}};
  // Some dimensions are gone: which ones nobody can say.
  if (window && dimsAfter > 0 && dimsAfter < dims)
    return Reaches{Reach{0, 0, 1}};
  if (window && dims == reach.size())
    for (auto [r, extent, stride, upscale] :
         llvm::zip(reach, window.getWindowExtent(), window.getWindowStride(),
                   window.getWindowUpscale())) {
      r.extent += double(extent - 1) * r.jump;
      r.jump *= double(stride) / double(upscale);
    }
  else if (window || dimsAfter > dims)
    llvm::for_each(reach, [](Reach &r) { r.seeAll(); });
  // Pixels become features.
  for (size_t i = dimsAfter; i < dims && i < reach.size(); ++i)
    for (Value operand : op.getOperands())
      if (!known.lookup(operand).empty())
        reach[i].places = double(shapeOf(operand)[2 + i]);
  return reach;
}

Summary describe(func::FuncOp func) {
  Summary all;
  DenseMap<Value, Reaches> reaches;
  llvm::StringSet<> seen;
  for (BlockArgument input : func.getArguments())
    reaches[input] = reachOfInput(input);
  for (Operation &op : func.front()) {
    if (op.getNumResults() == 0 || isa<nn::ParameterOp, nn::ConstantOp>(op))
      continue;
    Row row;
    row.op = op.getName().getStringRef().str();
    // By name: two ops may read one parameter, and one op may use it twice.
    for (Value operand : llvm::SmallSetVector<Value, 4>(
             op.getOperands().begin(), op.getOperands().end())) {
      auto parameter = operand.getDefiningOp<nn::ParameterOp>();
      if (!parameter || !parameter.isTrainable())
        continue;
      bool isNew = seen.insert(parameter.getName()).second;
      (isNew ? row.parameters : row.tied) +=
          ShapedType::getNumElements(shapeOf(operand));
      if (!isNew && !llvm::is_contained(all.tied, parameter.getName()))
        all.tied.push_back(parameter.getName().str());
    }
    if (auto cost = dyn_cast<nn::CostInterface>(op)) {
      row.macs = cost.getMacs();
      row.macsWithPadding = cost.getMacsWithPadding();
    }
    row.reach = reachOf(op, reaches);
    for (Value result : op.getResults())
      reaches[result] = row.reach;
    ArrayRef<int64_t> shape = shapeOf(op.getResult(0));
    row.shape = nn::shapeText(shape.empty() ? shape : shape.drop_front());
    all.parameters += row.parameters;
    all.macs += row.macs;
    all.macsWithPadding += row.macsWithPadding;
    all.rows.push_back(row);
  }
  return all;
}

// Whole pixels that are seen; neighbours may lie half a pixel apart.
double sizeOf(const Reach &r, double Reach::*size) {
  constexpr double kRounding = 1e-9; // 1 + 3 * (1./3) is 2 pixels
  return size == &Reach::extent ? std::ceil(r.extent - kRounding) : r.*size;
}

// At most two digits behind the point, and none that say nothing.
std::string numberText(double number) {
  std::string text = llvm::formatv("{0:f2}", number);
  return StringRef(text).rtrim('0').rtrim('.').str();
}

// "3", or "5x7" where height and width differ.
std::string sizeText(const Reaches &reaches, double Reach::*size) {
  if (isUnknown(reaches))
    return "-";
  if (llvm::all_of(reaches, [&](const Reach &r) {
        return sizeOf(r, size) == sizeOf(reaches[0], size);
      }))
    return reaches.empty() ? "0" : numberText(sizeOf(reaches[0], size));
  std::string text;
  for (const Reach &r : reaches)
    text += (text.empty() ? "" : "x") + numberText(sizeOf(r, size));
  return text;
}

llvm::json::Array sizeList(const Reaches &reaches, double Reach::*size) {
  llvm::json::Array list;
  if (isUnknown(reaches))
    return list;
  for (const Reach &r : reaches)
    list.push_back(sizeOf(r, size));
  return list;
}

void printJson(const Summary &all) {
  llvm::json::Array ops;
  for (const Row &r : all.rows)
    ops.push_back(
        llvm::json::Object{{"op", r.op},
                           {"shape", r.shape},
                           {"parameters", r.parameters},
                           {"tied_parameters", r.tied},
                           {"macs", r.macs},
                           {"macs_with_padding", r.macsWithPadding},
                           {"receptive_field", sizeList(r.reach, &Reach::extent)},
                           {"jump", sizeList(r.reach, &Reach::jump)}});
  llvm::outs() << llvm::formatv(
      "{0:2}\n", llvm::json::Value(llvm::json::Object{
                     {"ops", std::move(ops)},
                     {"parameters", all.parameters},
                     {"tied", llvm::json::Array(all.tied)},
                     {"macs", all.macs},
                     {"macs_with_padding", all.macsWithPadding}}));
}

void printTable(const Summary &all) {
  size_t widest = 18, fieldWidth = 8, jumpWidth = 6;
  for (const Row &r : all.rows) {
    widest = std::max(widest, r.op.size());
    fieldWidth =
        std::max(fieldWidth, sizeText(r.reach, &Reach::extent).size() + 1);
    jumpWidth = std::max(jumpWidth, sizeText(r.reach, &Reach::jump).size() + 1);
  }
  auto line = [&](StringRef op, StringRef shape, const llvm::Twine &parameters,
                 const llvm::Twine &macs, const llvm::Twine &withPadding,
                 StringRef field, StringRef jump) {
    std::string text;
    llvm::raw_string_ostream(text)
        << llvm::left_justify(op, widest + 1) << llvm::left_justify(shape, 12)
        << llvm::right_justify(parameters.str(), 11)
        << llvm::right_justify(macs.str(), 12)
        << llvm::right_justify(withPadding.str(), 14)
        << llvm::right_justify(field, fieldWidth)
        << llvm::right_justify(jump, jumpWidth);
    llvm::outs() << StringRef(text).rtrim() << "\n";
  };
  line("op", "output", "parameters", "MACs", "with padding", "field", "jump");
  for (const Row &r : all.rows)
    line(r.op, r.shape, llvm::Twine(r.parameters) + (r.tied ? "*" : ""),
         llvm::Twine(r.macs), llvm::Twine(r.macsWithPadding),
         sizeText(r.reach, &Reach::extent), sizeText(r.reach, &Reach::jump));
  line("total", "", llvm::Twine(all.parameters), llvm::Twine(all.macs),
       llvm::Twine(all.macsWithPadding), "", "");
  if (!all.tied.empty())
    llvm::outs() << "* and parameters that a line above has counted: "
                 << llvm::join(all.tied, ", ") << "\n";
}
} // namespace

rt::Status summarizeGraph(const SummaryCommand &c) {
  Session session;
  if (auto error = session.start(c.graph.plugins))
    return error;
  auto module = session.load(c.graph);
  if (!module)
    return module.error();
  CompileOptions options = compileOptions(c.graph, session.host().plugins());
  options.pipeline.batch = 1; // costs are per image
  auto result = compile(**module, options, session.registry(), Emit::NN);
  if (!result)
    return toError(result.takeError(), rt::kBadInput);
  auto func = (**module).lookupSymbol<func::FuncOp>(c.graph.entry);
  if (!func)
    return rt::Error{rt::kBadInput, "no_entry",
                     "the graph has no function @" + c.graph.entry};
  Summary summary = describe(func);
  if (c.json)
    printJson(summary);
  else
    printTable(summary);
  return flushOutput();
}

} // namespace gradmill::cli
