// The example plugin as a built-in family: its object files, compiled as those
// of dialects/nn/families are, register through the same function type and make
// the op known.
#include "compiler/tools/Setup.h"
#include "mlir/Parser/Parser.h"

void gradmillRegister_swish(gradmill::Registry &registry);

static constexpr const char *kGraph = R"(
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = nn.swish %x {beta = 2.0} : tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
)";

static int fail(const char *why) {
  llvm::errs() << "plugin.builtin: " << why << "\n";
  return 1;
}

int main() {
  gradmill::Host host;
  if (llvm::Error error = gradmill::registerBuiltins(host))
    return fail(llvm::toString(std::move(error)).c_str());
  if (!host.registry().familyOf("nn.swish").empty())
    return fail("nn.swish is known before it was registered");
  gradmill::RegisterFn registerSwish = gradmillRegister_swish;
  host.registry().add("swish", registerSwish);
  if (host.registry().familyOf("nn.swish") != "swish")
    return fail("nn.swish is not of the family swish");
  if (!host.plugins().empty())
    return fail("a built-in family counts as a plugin");
  mlir::MLIRContext context(host.dialects(),
                            mlir::MLIRContext::Threading::DISABLED);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(kGraph, &context);
  if (!module)
    return fail("the graph does not parse");
  bool found = false;
  module->walk([&](gradmill::nn::PointwiseInterface op) {
    found |= op->getName().getStringRef() == "nn.swish" &&
             mlir::isa<gradmill::nn::GradientInterface,
                       gradmill::nn::ReferenceInterface>(op.getOperation());
  });
  return found ? 0 : fail("nn.swish lacks an interface");
}
