// `gradmill summary`: one line per op with shape, parameters, multiply-adds and
// receptive field.
#include "Session.h"
#include "compiler/Passes.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

using namespace mlir;

namespace gradmill::cli {
namespace {

// How far one element sees, and how far neighbours are apart, in input pixels.
struct Reach {
  int64_t extent = 1, stride = 1;
};

struct Row {
  std::string op, shape;
  int64_t parameters = 0, macs = 0, reach = 0;
};

std::vector<Row> describe(func::FuncOp func) {
  std::vector<Row> rows;
  DenseMap<Value, Reach> reaches;
  for (Operation &op : func.front()) {
    if (op.getNumResults() == 0 || isa<nn::ParameterOp, nn::ConstantOp>(op))
      continue;
    Reach reach;
    Row row;
    row.op = op.getName().getStringRef().str();
    for (Value operand : op.getOperands()) {
      if (auto parameter = operand.getDefiningOp<nn::ParameterOp>()) {
        if (parameter.isTrainable())
          row.parameters +=
              cast<RankedTensorType>(parameter.getType()).getNumElements();
        continue;
      }
      Reach in = reaches.lookup(operand);
      reach.extent = std::max(reach.extent, in.extent);
      reach.stride = std::max(reach.stride, in.stride);
    }
    if (auto window = dyn_cast<nn::WindowInterface>(op)) {
      reach.extent += (window.getWindowExtent()[0] - 1) * reach.stride;
      reach.stride *= window.getWindowStride()[0];
    }
    reaches[op.getResult(0)] = reach;
    if (auto cost = dyn_cast<nn::CostInterface>(op))
      row.macs = cost.getMacs();
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    row.shape = nn::shapeText(type.getRank() ? type.getShape().drop_front()
                                             : type.getShape());
    row.reach = reach.extent;
    rows.push_back(row);
  }
  return rows;
}
} // namespace

rt::Status summarizeGraph(const SummaryCommand &c) {
  Session session;
  if (auto error = session.start(c.graph.plugins))
    return error;
  auto module = session.load(c.graph.graph, c.graph.allowBytecode);
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
  std::vector<Row> rows = describe(func);
  int64_t parameters = 0, macs = 0;
  for (const Row &row : rows) {
    parameters += row.parameters;
    macs += row.macs;
  }
  if (c.json) {
    llvm::json::Array ops;
    for (const Row &r : rows)
      ops.push_back(llvm::json::Object{{"op", r.op},
                                       {"shape", r.shape},
                                       {"parameters", r.parameters},
                                       {"macs", r.macs},
                                       {"receptive_field", r.reach}});
    llvm::outs() << llvm::formatv(
        "{0:2}\n",
        llvm::json::Value(llvm::json::Object{{"ops", std::move(ops)},
                                             {"parameters", parameters},
                                             {"macs", macs}}));
    return flushOutput();
  }
  auto line = [](StringRef op, StringRef shape, const llvm::Twine &p,
                 const llvm::Twine &m, const llvm::Twine &r) {
    llvm::outs() << llvm::left_justify(op, 22) << llvm::left_justify(shape, 14)
                 << llvm::right_justify(p.str(), 11)
                 << llvm::right_justify(m.str(), 12)
                 << llvm::right_justify(r.str(), 9) << "\n";
  };
  line("op", "output", "parameters", "MACs", "field");
  for (const Row &r : rows)
    line(r.op, r.shape, llvm::Twine(r.parameters), llvm::Twine(r.macs),
         llvm::Twine(r.reach));
  line("total", "", llvm::Twine(parameters), llvm::Twine(macs), "");
  return flushOutput();
}

} // namespace gradmill::cli
