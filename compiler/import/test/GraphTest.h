// A context with the dialect's shell, and the diagnostics that it saw.
#pragma once

#include "compiler/export/Export.h"
#include "compiler/import/Import.h"
#include "compiler/import/Json.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "nn/NNDialect.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

namespace gradmill {

// Uses only ops of the dialect's shell, and every kind of attribute: what the
// readers and the writers can carry, more than a graph may hold.
inline constexpr const char *kGraph = R"mlir(
module @net attributes {gradmill.note = "hello"} {
  func.func @train(%x: tensor<?x2x2xf32> loc("x.py":3:4), %k: tensor<4xi32>, %n: tensor<i64>)
      -> (tensor<?x2x2xf32>, tensor<2xf64>) {
    %w = nn.parameter "w" {init = dense<[[1.0, -0.0], [0x7FC12345, 0xFF800000]]> : tensor<2x2xf32>}
        : tensor<2x2xf32> loc("net.py":12:7)
    %d = nn.parameter "d" {init = dense<[0x7FF8000000000123, 4.9E-324]> : tensor<2xf64>, role = "buffer"}
        : tensor<2xf64> loc("head"("net.py":13:1))
    "x.y"() {init = dense_resource<blob> : tensor<2xf32>} : () -> ()
    %z = nn.parameter "z" {init = 0x7F800001 : f32} : tensor<3x3xf32>
    %a = nn.add %x, %x {gradmill.all = {
        unit, yes = true, no = false, i = -5 : i64, i8 = -128 : i8, u = 255 : ui8, s = -1 : si16,
        idx = 7 : index, f = -0.0 : f64, nan = 0x7FF0000000000001 : f64, h = 0x7C01 : f16,
        text = "a\00b\"\\\n\FF", empty = "", list = [1, [2.5, "x", []], {}],
        ints = array<i64: 1, -2, 9223372036854775807>, i32s = array<i32: -1>, none = array<i8>,
        bits = array<i1: true, false>, floats = array<f32: -0.0, 1.5>,
        halves = array<f16: 0x7C01, 1.0>, doubles = array<f64: 0x7FF8000000000001>, t = tensor<?x3xf32>, e = f32,
        sym = @train, splat = dense<3> : tensor<5xi64>, b = dense<[true, false]> : tensor<2xi1>,
        nothing = dense<> : tensor<0xf32>, lanes = #nn.lanes<16>}} : tensor<?x2x2xf32>
    return %a, %d : tensor<?x2x2xf32>, tensor<2xf64>
  }
  func.func private @other(tensor<1xf32>) -> tensor<1xf32>
}
{-# dialect_resources: { builtin: { blob: "0x040000000000C07F000080BF" } } #-}
)mlir";

// A graph, which all of the importer accepts.
inline constexpr const char *kPlainGraph = R"mlir(
module @net {
  func.func @main(%x: tensor<?x2x2xf32> {nn.name = "image", nn.mean = [0.5], nn.std = [0.25]} loc("x.py":3:4))
      -> (tensor<?x2x2xf32> {nn.name = "output"}) {
    %w = nn.parameter "w" {init = dense<[[1.0, -0.0], [0x7FC12345, 0xFF800000]]> : tensor<2x2xf32>}
        : tensor<2x2xf32> loc("net.py":12:7)
    %d = nn.parameter "d" {init = dense<[0x7FF8000000000123, 4.9E-324]> : tensor<2xf64>, role = "buffer"}
        : tensor<2xf64> loc("head"("net.py":13:1))
    %c = nn.constant dense<2.0> : tensor<3xf32>
    %a = nn.add %x, %x : tensor<?x2x2xf32>
    return %a : tensor<?x2x2xf32>
  }
}
)mlir";

inline bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

class GraphTest : public ::testing::Test {
protected:
  GraphTest() : registry(dialects) {
    dialects.insert<nn::NNDialect, mlir::func::FuncDialect>();
    registerImporters(registry);
    registerExporters(registry);
    context.appendDialectRegistry(dialects);
    context.loadDialect<nn::NNDialect, mlir::func::FuncDialect>();
    // The test's own attribute names have no dialect.
    context.allowUnregisteredDialects();
    context.getDiagEngine().registerHandler(
        [this](mlir::Diagnostic &diagnostic) {
          llvm::raw_string_ostream stream(messages);
          stream << diagnostic.getLocation() << " " << diagnostic << "\n";
          for (mlir::Diagnostic &note : diagnostic.getNotes())
            stream << note << "\n";
        });
  }

  mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef text) {
    auto module =
        mlir::parseSourceString<mlir::ModuleOp>(text, &context, "graph.mlir");
    EXPECT_TRUE(module) << messages;
    return module;
  }
  std::string gmg(llvm::StringRef text, const ExportOptions &options = {}) {
    auto module = parse(text);
    auto bytes =
        module ? writeGraph(*module, ".gmg", options) : std::nullopt;
    EXPECT_TRUE(bytes) << messages;
    return bytes.value_or("");
  }
  static std::string print(mlir::ModuleOp module) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    module->print(stream, mlir::OpPrintingFlags().enableDebugInfo());
    return text;
  }
  /// Imports bytes that must be refused; returns the messages.
  std::string refused(llvm::StringRef bytes,
                      const ImportOptions &options = {}) {
    messages.clear();
    EXPECT_FALSE(readGmg(bytes, "x.gmg", context, options));
    return messages;
  }
  std::string refusedJson(llvm::StringRef text) {
    messages.clear();
    EXPECT_FALSE(readJson(text, "x.json", context));
    return messages;
  }

  mlir::DialectRegistry dialects;
  Registry registry;
  mlir::MLIRContext context;
  std::string messages;
};

#define EXPECT_HAS(text, part) EXPECT_PRED2(gradmill::contains, text, part)

} // namespace gradmill
