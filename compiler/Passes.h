// All passes of the compiler (Passes.td).
#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "nn/Registry.h"

namespace gradmill {
#define GEN_PASS_DECL
#include "compiler/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compiler/Passes.h.inc"

// Function attributes that tell the manifest what the arguments are.
inline constexpr llvm::StringLiteral kNameAttr =
    "nn.name"; // inputs and outputs
inline constexpr llvm::StringLiteral kStateAttr =
    "nn.state"; // a model tensor's name
inline constexpr llvm::StringLiteral kOutputAttr = "nn.output";
// The output [task][kernel] of merge-tasks' clocks.
inline constexpr llvm::StringLiteral kClocksName = "kernel_clocks";
inline constexpr llvm::StringLiteral kArenaAttr = "nn.arena";
inline constexpr llvm::StringLiteral kScratchAttr =
    "nn.scratch"; // memory of a task's thread
inline constexpr llvm::StringLiteral kArenaBoundAttr = "nn.arena_lower_bound";
// What rematerialize computes again to save memory, and that nothing more can
// be.
inline constexpr llvm::StringLiteral kRecomputedAttr = "nn.recomputed";
inline constexpr llvm::StringLiteral kMemoryExhaustedAttr =
    "nn.memory_exhausted";
// On functions to be compiled: what they do ("train", "infer", "loss",
// "prepare"; docs/ports.md).
inline constexpr llvm::StringLiteral kEntryAttr = "nn.entry";

// On the module: the specification of the losses that @loss consists of.
inline constexpr llvm::StringLiteral kLossAttr = "nn.loss";

/// Marks a function for compilation.
void setEntry(mlir::func::FuncOp func, llvm::StringRef does);
/// What an entry does; empty for a function that is no entry.
llvm::StringRef entryOf(mlir::func::FuncOp func);
/// The batch of a function: dimension 0 of its first port. A test's function
/// may have no ports; then of its first argument. 1 without any argument.
int64_t batchOf(mlir::func::FuncOp func);

/// The registry behind a context's nn dialect.
const Registry &registryOf(mlir::MLIRContext *context);
} // namespace gradmill
