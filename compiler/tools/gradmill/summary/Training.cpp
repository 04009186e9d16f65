// What training keeps, and what a step takes: both of what the compiler makes of
// the graph, whose rows are marked.
#include "../TimedModel.h"
#include "Describe.h"
#include "files/Cleanup.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace gradmill::cli {
namespace {

bool isData(Operation &op) { return isa<nn::ParameterOp, nn::ConstantOp>(op); }

// The first op of the loss: not made of a row, or a reader of a target.
Operation *endOfForward(func::FuncOp train) {
  for (Operation &op : train.front()) {
    if (isData(op))
      continue;
    if (!markedRow(op.getLoc()))
      return &op;
    for (Value operand : op.getOperands())
      if (auto argument = dyn_cast<BlockArgument>(operand))
        if (auto port = train.getArgAttrOfType<StringAttr>(
                argument.getArgNumber(), "nn.port");
            port && port.getValue() == "target")
          return &op;
  }
  return nullptr;
}

int64_t bytesOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return llvm::divideCeil(type.getNumElements() * type.getElementTypeBitWidth(),
                          8);
}

// `train` is for one batch of `batch` samples.
void countKept(func::FuncOp train, int64_t batch, ArrayRef<Layer *> rows) {
  Operation *end = endOfForward(train);
  for (Layer *row : rows)
    row->numbers.kept = 0;
  for (Operation &op : train.front()) {
    if (&op == end)
      break;
    auto row = markedRow(op.getLoc());
    if (!end || isData(op) || !row || *row >= rows.size())
      continue;
    for (Value result : op.getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            return !user->isBeforeInBlock(end) && markedRow(user->getLoc());
          }))
        rows[*row]->numbers.kept += bytesOf(result) / batch;
  }
}

int64_t stateBytes(func::FuncOp train) {
  int64_t bytes = 0;
  llvm::StringSet<> counted;
  for (auto parameter : train.getOps<nn::ParameterOp>())
    if (parameter.roleOrDefault() == "optimizer" &&
        counted.insert(parameter.getName()).second)
      bytes += bytesOf(parameter);
  return bytes;
}
} // namespace

void addTraining(Summary &summary, std::vector<Layer *> rows, ModuleOp marked,
                 const GraphOptions &graph, Session &session) {
  GraphOptions training = graph;
  training.train = true;
  training.batch = summary.batch ? summary.batch : 1;
  CompileOptions options =
      compileOptions(training, session.host().plugins());
  OwningOpRef<ModuleOp> module(marked.clone());
  // Not every graph says what it is trained for: that is no error here.
  std::string reason;
  ScopedDiagnosticHandler quiet(&session.context(), [&](Diagnostic &d) {
    if (reason.empty() && d.getSeverity() == DiagnosticSeverity::Error)
      reason = d.str();
    return success();
  });
  auto result = compile(*module, options, session.registry(), Emit::Train);
  if (!result) {
    std::string text = llvm::toString(result.takeError());
    StringRef why = reason.empty() ? text : reason;
    if (why.starts_with("["))
      why = why.split("] ").second; // the label
    summary.untrainable = why.split(';').first.str();
    return;
  }
  auto train = module->lookupSymbol<func::FuncOp>("train");
  if (!train) {
    summary.untrainable = "there is no training step";
    return;
  }
  countKept(train, *training.batch, rows);
  summary.stateBytes = stateBytes(train);
}

rt::Status addTimes(Summary &summary, std::vector<Layer *> rows,
                    ModuleOp marked, const GraphOptions &graph,
                    Session &session, bool train) {
  GraphOptions timed = graph;
  timed.train = train;
  timed.clocks = true;
  CompileOptions options = compileOptions(timed, session.host().plugins());
  OwningOpRef<ModuleOp> module(marked.clone());
  auto result =
      compile(*module, options, session.registry(), Emit::SharedLibrary);
  if (!result)
    return toError(result.takeError(), rt::kBadInput);
  auto library = linkTemporary(options.name, result->objects);
  if (!library)
    return library.error();
  auto model = timeModel(library->path(), /*threads=*/0);
  if (!model)
    return model.error();
  const rt::EntrySpec &spec = *model->entry;
  Measured measured{spec.does, model->artifact->manifest().targetName,
                    spec.batch, int64_t(spec.arenaBytes),
                    model->model->threads(), 0, 0};
  for (auto [kernel, time] : llvm::zip(spec.kernels, model->times.kernels)) {
    measured.step += time.seconds;
    auto row = markedRow(StringRef(kernel.at));
    if (!row || *row >= rows.size()) {
      measured.elsewhere += time.seconds;
      continue;
    }
    rows[*row]->numbers.seconds += time.seconds;
    rows[*row]->kernels.push_back(kernel.name);
  }
  summary.measured = measured;
  return rt::ok;
}

} // namespace gradmill::cli
