#include "Reduce.h"
#include "compiler/Passes.h"
#include "compiler/import/CheckGraph.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nn/NNDialect.h"

using namespace mlir;

namespace gradmill {
namespace {

func::FuncOp mainOf(ModuleOp graph) {
  return graph.lookupSymbol<func::FuncOp>("main");
}

bool isData(Operation &op) {
  return op.getNumResults() > 0 && !isa<nn::ParameterOp, nn::ConstantOp>(op);
}

// Ops whose result is data, in order.
SmallVector<Operation *> layersOf(func::FuncOp main) {
  SmallVector<Operation *> layers;
  for (Operation &op : main.front())
    if (isData(op))
      layers.push_back(&op);
  return layers;
}

void updateType(func::FuncOp main) {
  main.setType(FunctionType::get(
      main.getContext(), main.front().getArgumentTypes(),
      main.front().getTerminator()->getOperandTypes()));
}

// Ops and inputs that nobody reads.
void removeUnused(func::FuncOp main) {
  Block &body = main.front();
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
    if (isOpTriviallyDead(&op) ||
        (isa<nn::ParameterOp>(op) && op.use_empty()))
      op.erase();
  for (int i = int(body.getNumArguments()) - 1; i >= 0; --i)
    if (body.getArgument(unsigned(i)).use_empty() &&
        body.getNumArguments() > 1 &&
        failed(main.eraseArgument(unsigned(i))))
      return;
}

class Reduction {
public:
  Reduction(ModuleOp graph, Question shows)
      : best(graph.clone()), shows(shows) {}

  OwningOpRef<ModuleOp> run() {
    tryStep([](ModuleOp graph) {
      if (auto loss = graph.lookupSymbol<func::FuncOp>("loss"))
        loss.erase();
      return true;
    });
    for (size_t before = SIZE_MAX; countOps(*best) < before;) {
      before = countOps(*best);
      dropOutputs();
      cutTail();
      cutHead();
      leaveOut();
    }
    return std::move(best);
  }

private:
  // Keeps a changed copy if it is a graph that shows the fault.
  bool tryStep(llvm::function_ref<bool(ModuleOp)> change) {
    OwningOpRef<ModuleOp> copy = best->clone();
    ScopedDiagnosticHandler quiet(copy->getContext(),
                                  [](Diagnostic &) { return success(); });
    if (!change(*copy))
      return false;
    removeUnused(mainOf(*copy));
    updateType(mainOf(*copy));
    OwningOpRef<ModuleOp> checked = copy->clone();
    if (failed(verify(*checked)) || failed(checkGraph(*checked)) ||
        !shows(*copy))
      return false;
    best = std::move(copy);
    return true;
  }

  void dropOutputs() {
    for (int i = int(mainOf(*best).getNumResults()) - 1; i >= 0; --i)
      if (mainOf(*best).getNumResults() > 1)
        tryStep([&](ModuleOp graph) {
          func::FuncOp main = mainOf(graph);
          main.front().getTerminator()->eraseOperand(unsigned(i));
          return succeeded(main.eraseResult(unsigned(i)));
        });
  }

  // The first value that shows it as the only output.
  void cutTail() {
    size_t count = layersOf(mainOf(*best)).size();
    for (size_t i = 0; i + 1 < count; ++i)
      if (tryStep([&](ModuleOp graph) {
            func::FuncOp main = mainOf(graph);
            Operation *end = main.front().getTerminator();
            if (end->getNumOperands() != 1)
              return false;
            end->setOperand(0, layersOf(main)[i]->getResult(0));
            return true;
          }))
        return;
  }

  // The last value that shows it as an input.
  void cutHead() {
    for (size_t i = layersOf(mainOf(*best)).size(); i-- > 0;)
      if (tryStep([&](ModuleOp graph) {
            func::FuncOp main = mainOf(graph);
            Value value = layersOf(main)[i]->getResult(0);
            if (llvm::is_contained(main.front().getTerminator()->getOperands(),
                                   value))
              return false;
            unsigned at = main.getNumArguments();
            DictionaryAttr name = DictionaryAttr::get(
                graph.getContext(),
                NamedAttribute(
                    StringAttr::get(graph.getContext(), kNameAttr),
                    StringAttr::get(graph.getContext(),
                                    "value" + std::to_string(inputs))));
            if (failed(main.insertArgument(at, value.getType(), name,
                                           value.getLoc())))
              return false;
            value.replaceAllUsesWith(main.getArgument(at));
            return true;
          })) {
        ++inputs;
        return;
      }
  }

  void leaveOut() {
    for (size_t i = layersOf(mainOf(*best)).size(); i-- > 0;)
      for (unsigned operand = 0;; ++operand) {
        SmallVector<Operation *> layers = layersOf(mainOf(*best));
        if (i >= layers.size() || operand >= layers[i]->getNumOperands())
          break;
        if (tryStep([&](ModuleOp graph) {
              Operation *op = layersOf(mainOf(graph))[i];
              if (op->getNumResults() != 1 ||
                  op->getOperand(operand).getType() !=
                      op->getResult(0).getType())
                return false;
              op->getResult(0).replaceAllUsesWith(op->getOperand(operand));
              return true;
            }))
          break;
      }
  }

  OwningOpRef<ModuleOp> best;
  Question shows;
  int inputs = 0; // that were made
};

} // namespace

size_t countOps(ModuleOp graph) {
  return size_t(std::distance(mainOf(graph).front().begin(),
                              mainOf(graph).front().end())) - 1;
}

OwningOpRef<ModuleOp> reduceGraph(ModuleOp graph, Question shows) {
  return Reduction(graph, shows).run();
}

} // namespace gradmill
