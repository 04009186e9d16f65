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

// Attributes by which functions tell the manifest what their arguments are.
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
// What rematerialize computes again for want of memory, and that there is
// nothing more.
inline constexpr llvm::StringLiteral kRecomputedAttr = "nn.recomputed";
inline constexpr llvm::StringLiteral kMemoryExhaustedAttr =
    "nn.memory_exhausted";
// On functions to be compiled: what they do, as text ("train", "infer", "loss",
// "prepare"; docs/ports.md).
inline constexpr llvm::StringLiteral kEntryAttr = "nn.entry";

// On the module: which losses @loss is made of, as a specification.
inline constexpr llvm::StringLiteral kLossAttr = "nn.loss";

/// Makes a function one that is compiled.
void setEntry(mlir::func::FuncOp func, llvm::StringRef does);
/// What an entry does; empty for a function that is none.
llvm::StringRef entryOf(mlir::func::FuncOp func);
/// The batch of what a function is given: dimension 0 of its first port, or of
/// its first argument where it has no ports (a test's function); 1 without any.
int64_t batchOf(mlir::func::FuncOp func);

/// The registry behind a context's nn dialect.
const Registry &registryOf(mlir::MLIRContext *context);
} // namespace gradmill
