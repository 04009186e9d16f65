// What share-tasks says of an entry, for plan-arena and the manifest.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace gradmill {

/// On an entry: the number of chunks into which its tasks are cut, and the
/// samples of a unit and the units of an input that is needed by chunks only.
inline constexpr llvm::StringLiteral kChunksAttr = "nn.chunks";
inline constexpr llvm::StringLiteral kSamplesAttr = "nn.samples";
/// On a parallel loop: a process runs its own tasks only.
inline constexpr llvm::StringLiteral kOwnAttr = "nn.own";
/// On a parallel loop: what can be exchanged after it. On a parallel loop or an
/// entry: what must have been exchanged before it, or at its end.
inline constexpr llvm::StringLiteral kGivesAttr = "nn.gives";
inline constexpr llvm::StringLiteral kAwaitsAttr = "nn.awaits";
/// On a buffer: its number in these lists.
inline constexpr llvm::StringLiteral kExchangedAttr = "nn.exchanged";

} // namespace gradmill
