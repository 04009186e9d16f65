// Checks numbers: compiled code against the naive references, and gradients
// against finite differences. `gradmill check` and gradmill-numeric are its
// command lines.
//
// For every function of a file that takes and returns tensors:
//   forward   the compiled function against the reference interpreter,
//   backward  its vector-Jacobian product, compiled, against the same IR
//             interpreted,
//   finite    that product against central differences of the interpreted
//             function.
// For a model, which has parameters: its entries (inference, loss, training
// step), compiled against interpreted, with every tensor that the step updates;
// and each kind of op in them against finite differences.
#pragma once
#include "compiler/driver/Compile.h"
#include "compiler/plugin/Host.h"
#include "compiler/tools/numeric/Values.h"
#include "llvm/ADT/StringSet.h"

namespace gradmill::numeric {

struct CheckOptions {
  /// CPU, machine, and how training is built.
  CompileOptions compile;
  int64_t batch = 16;   // of a graph that leaves it open
  int64_t samples = 64; // elements of an operand for finite differences
  bool gradient = true;
  double seconds = 0; // of one op's finite differences, about; 0: no limit
  std::string record; // a folder: nothing is run (Record.h)
};

/// A number that is wrong.
struct Fault {
  std::string what; // "forward", "backward", "finite"
  /// The op, if it is wrong when it runs alone; otherwise empty.
  std::string op;
  std::string place;             // "net.net:4:16", or empty
  std::string value;             // "result #0", "operand #1", "output logits"
  std::vector<int64_t> element;  // the worst one's index
  double expected = 0, got = 0, tolerance = 0;
};

/// The largest differences of a function, relative to 1 + |expected|.
struct FunctionReport {
  std::string name;
  std::vector<std::pair<std::string, double>> parts; // {"forward", 1e-7}, ...
  std::vector<std::string> recorded;
  std::vector<Fault> faults;
  bool good = true;
  int64_t checkedOps = 0; // by finite differences, of a model
};

class Checker {
public:
  Checker(Host &host, mlir::MLIRContext &context, CheckOptions options)
      : host(host), context(context), options(std::move(options)) {}

  /// Every function of `module` on its own. `done` gets each report; false
  /// after an error, which has been reported.
  bool checkFunctions(mlir::ModuleOp module,
                      llvm::function_ref<void(const FunctionReport &)> done);
  /// A training step with nll_loss, and only that.
  bool checkStep(mlir::ModuleOp module,
                 llvm::function_ref<void(const FunctionReport &)> done);
  /// A model: the entries that the pipeline makes.
  bool checkModel(mlir::ModuleOp module,
                  llvm::function_ref<void(const FunctionReport &)> done);

private:
  FunctionReport checkFunction(mlir::func::FuncOp func);
  FunctionReport checkEntry(mlir::func::FuncOp func, llvm::StringSet<> &seen);
  bool compare(mlir::func::FuncOp func, const Inputs &inputs,
               llvm::StringRef what, FunctionReport &report, bool isModel = false);
  void findOp(mlir::func::FuncOp func, const Inputs &inputs,
              llvm::StringRef what, FunctionReport &report);
  bool checkGradient(mlir::func::FuncOp func, const Inputs &inputs,
                     FunctionReport &report);
  llvm::Expected<CompileResult> compileAlone(mlir::func::FuncOp func);

  Host &host;
  mlir::MLIRContext &context;
  CheckOptions options;
  Random random;
  unsigned recorded = 0;
};

/// "ok relu: forward 1.2e-07 backward 0.0e+00 finite 2.1e-09", and a line for
/// each fault.
std::string textOf(const FunctionReport &report);
llvm::json::Object jsonOf(const FunctionReport &report);

} // namespace gradmill::numeric
