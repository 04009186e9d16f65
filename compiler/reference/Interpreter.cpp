#include "compiler/reference/Interpreter.h"

using namespace mlir;

namespace gradmill {

FailureOr<InterpreterResult>
interpret(func::FuncOp func, ArrayRef<nn::RefTensor> arguments,
          const std::map<std::string, nn::RefTensor> &state,
          const AfterOp &afterOp) {
  DenseMap<Value, nn::RefTensor> values;
  for (auto [arg, value] : llvm::zip(func.getArguments(), arguments))
    values[arg] = value;
  InterpreterResult out;
  for (Operation &op : func.front()) {
    if (isa<func::ReturnOp>(op)) {
      for (Value v : op.getOperands())
        out.results.push_back(values[v]);
    } else if (auto parameter = dyn_cast<nn::ParameterOp>(op)) {
      auto it = state.find(parameter.getName().str());
      if (it == state.end())
        return op.emitError("no value for the parameter"), failure();
      values[parameter.getValue()] = it->second;
    } else if (auto assign = dyn_cast<nn::AssignOp>(op)) {
      out.assigned[assign.getName().str()] = values[assign.getValue()];
    } else if (auto reference = dyn_cast<nn::ReferenceInterface>(op)) {
      // Copies: evaluating may grow the map that operands point into.
      SmallVector<nn::RefTensor> inputs;
      for (Value v : op.getOperands())
        inputs.push_back(values[v]);
      SmallVector<const nn::RefTensor *> operands;
      for (const nn::RefTensor &t : inputs)
        operands.push_back(&t);
      SmallVector<nn::RefTensor> results;
      for (Type type : op.getResultTypes())
        results.emplace_back(cast<RankedTensorType>(type).getShape());
      if (failed(reference.evaluate(operands, results)))
        return op.emitError("the reference could not be evaluated"), failure();
      if (afterOp)
        afterOp(op, operands, results);
      for (auto [value, result] : llvm::zip(op.getResults(), results))
        values[value] = std::move(result);
    } else {
      return op.emitError("[no_reference] ")
                 << op.getName() << " has no reference",
             failure();
    }
  }
  return out;
}

} // namespace gradmill
