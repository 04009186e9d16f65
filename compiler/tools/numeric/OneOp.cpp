#include "compiler/tools/numeric/OneOp.h"
#include "compiler/autodiff/Differentiate.h"
#include "compiler/reference/Interpreter.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace mlir;

namespace gradmill::numeric {

using nn::RefTensor;

OwningOpRef<ModuleOp> isolate(Operation *op) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(op->getLoc());
  OpBuilder b(op->getContext());
  b.setInsertionPointToStart(module->getBody());
  auto func = func::FuncOp::create(
      b, op->getLoc(), "f",
      b.getFunctionType(op->getOperandTypes(), op->getResultTypes()));
  Block *block = func.addEntryBlock();
  b.setInsertionPointToStart(block);
  IRMapping map;
  // An operand that is used twice is two arguments.
  Operation *copy = b.clone(*op, map);
  copy->setOperands(block->getArguments());
  func::ReturnOp::create(b, op->getLoc(), copy->getResults());
  return module;
}

std::string signatureOf(Operation *op) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << op->getName() << " " << op->getAttrDictionary() << " ";
  llvm::interleaveComma(op->getOperandTypes(), os);
  os << " -> ";
  llvm::interleaveComma(op->getResultTypes(), os);
  return text;
}

std::string placeOf(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    loc = name.getChildLoc();
  if (auto fused = dyn_cast<FusedLoc>(loc); fused && !fused.getLocations().empty())
    loc = fused.getLocations().front();
  auto place = dyn_cast<FileLineColLoc>(loc);
  return place ? (place.getFilename().getValue() + ":" + Twine(place.getLine()) +
                  ":" + Twine(place.getColumn()))
                     .str()
               : "";
}

std::vector<int64_t> indexOf(size_t i, ArrayRef<int64_t> shape) {
  std::vector<int64_t> index(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    index[d] = int64_t(i) % shape[d];
    i /= size_t(shape[d]);
  }
  return index;
}

bool hasFloat(TypeRange types) { return llvm::any_of(types, isFloatTensor); }

//===-- Finite differences --------------------------------------------------===//

// The results' sum, weighted by the cotangents.
static std::optional<double> contract(func::FuncOp func, const Inputs &inputs,
                                      ArrayRef<RefTensor> cotangents) {
  auto out = interpret(func, inputs.arguments, inputs.state);
  if (failed(out))
    return std::nullopt;
  double sum = 0;
  unsigned k = 0;
  for (auto [type, result] : llvm::zip(func.getResultTypes(), out->results))
    if (isFloatTensor(type)) {
      for (size_t i = 0; i < result.data.size(); ++i)
        sum += result.data[i] * cotangents[k].data[i];
      ++k;
    }
  return sum;
}

Finite finiteDifferences(func::FuncOp func, Inputs inputs,
                         ArrayRef<RefTensor> cotangents,
                         ArrayRef<RefTensor> gradients, int64_t samples,
                         double seconds, Random &random) {
  constexpr double eps = 1e-6, absolute = 1e-5, relative = 1e-3;
  Finite finite;
  double worstExcess = 0;
  auto start = std::chrono::steady_clock::now();
  auto isOver = [&] {
    return seconds && std::chrono::duration<double>(
                          std::chrono::steady_clock::now() - start)
                              .count() > seconds;
  };
  unsigned k = 0;
  for (auto [a, type] : llvm::enumerate(func.getArgumentTypes())) {
    if (!isFloatTensor(type))
      continue;
    RefTensor &x = inputs.arguments[a];
    const RefTensor &gradient = gradients[k++];
    if (gradient.data.empty())
      continue;
    int64_t n = int64_t(x.data.size()), count = std::min(n, samples);
    for (int64_t s = 0; s < count && (s < 2 || !isOver()); ++s) {
      size_t i = size_t(count == n ? s : random.below(n));
      double saved = x.data[i];
      x.data[i] = saved + eps;
      auto up = contract(func, inputs, cotangents);
      x.data[i] = saved - eps;
      auto down = contract(func, inputs, cotangents);
      x.data[i] = saved;
      if (!up || !down)
        return finite;
      double numeric = (*up - *down) / (2 * eps), got = gradient.data[i];
      double error = std::fabs(numeric - got);
      double tolerance = absolute + relative * std::fabs(numeric);
      if (!(error <= tolerance)) {
        auto here = contract(func, inputs, cotangents);
        double right = (*up - *here) / eps, left = (*here - *down) / eps;
        if (got >= std::min(left, right) - tolerance &&
            got <= std::max(left, right) + tolerance)
          continue; // a kink
      }
      double difference = error / (1 + std::fabs(numeric));
      if (std::isnan(difference))
        difference = std::numeric_limits<double>::infinity();
      finite.worst = std::max(finite.worst, difference);
      if (!(error <= tolerance) &&
          (!finite.fault || error / tolerance > worstExcess)) {
        worstExcess = error / tolerance;
        finite.fault = Fault{"finite", "", "", "operand #" + std::to_string(a),
                             indexOf(i, x.shape), numeric, got, tolerance};
      }
    }
  }
  return finite;
}

FailureOr<std::optional<Finite>>
checkOpGradient(Operation *op, ArrayRef<const RefTensor *> operands,
                int64_t samples, double seconds, Random &random) {
  if (!isa<nn::GradientInterface>(op) || !isa<nn::ReferenceInterface>(op) ||
      !hasFloat(op->getOperandTypes()) || !hasFloat(op->getResultTypes()))
    return std::optional<Finite>();
  OwningOpRef<ModuleOp> module = isolate(op);
  PassManager pm(op->getContext());
  pm.addPass(createDifferentiate());
  if (failed(pm.run(*module)))
    return failure();
  auto func = module->lookupSymbol<func::FuncOp>("f");
  auto vjp = module->lookupSymbol<func::FuncOp>("f_vjp");
  Inputs inputs;
  for (auto [type, operand] : llvm::zip(op->getOperandTypes(), operands)) {
    inputs.arguments.push_back(*operand);
    // Equal values (zeros of padding and of ReLU) are ties for a maximum.
    if (isFloatTensor(type))
      for (double &v : inputs.arguments.back().data)
        v += 0.01 * random.uniform() * (std::fabs(v) + 0.1);
  }
  Inputs vjpInputs = inputs;
  std::vector<RefTensor> cotangents;
  for (Type type : op->getResultTypes())
    if (isFloatTensor(type)) {
      bool isFirst = cotangents.empty();
      cotangents.push_back(randomTensor(cast<RankedTensorType>(type), random));
      // Further results, such as statistics, need not pass a gradient on.
      if (!isFirst)
        llvm::fill(cotangents.back().data, 0);
      vjpInputs.arguments.push_back(cotangents.back());
    }
  auto analytic = interpret(vjp, vjpInputs.arguments, {});
  if (failed(analytic))
    return failure();
  // Running statistics and the like have no gradient, as the op decides; but an op
  // that gives none at all has forgotten it.
  SmallVector<unsigned> none;
  Operation *ret = vjp.front().getTerminator();
  for (OpOperand &operand : ret->getOpOperands())
    if (operand.get().getDefiningOp<nn::ConstantOp>())
      none.push_back(operand.getOperandNumber());
  if (none.size() < ret->getNumOperands())
    for (unsigned k : none)
      analytic->results[k].data.clear();
  Finite finite = finiteDifferences(func, inputs, cotangents, analytic->results,
                                    samples, seconds, random);
  if (finite.fault) {
    finite.fault->op = op->getName().getStringRef().str();
    finite.fault->place = placeOf(op->getLoc());
  }
  return std::optional<Finite>(std::move(finite));
}

} // namespace gradmill::numeric
