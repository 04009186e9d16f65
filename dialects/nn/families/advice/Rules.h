// The rules of `gradmill advise`: docs/advise.md says of each what it finds, why
// that matters, and shows a net in which it does.
#pragma once
#include "nn/Advice.h"

namespace gradmill::advice {

// WeightRules.cpp
void unnormalizedInput(nn::Advisor &a);
void flattenLinear(nn::Advisor &a);
void fullyConnectedShare(nn::Advisor &a);
void squeezeByWindow(nn::Advisor &a);
void biasBeforeNorm(nn::Advisor &a);
// HeadRules.cpp
void afterLastLayer(nn::Advisor &a);
void poolNearOutput(nn::Advisor &a);
void poolNearPool(nn::Advisor &a);
void softmaxTwice(nn::Advisor &a);
void softmaxOutput(nn::Advisor &a);
void noLogSoftmax(nn::Advisor &a);
// FieldRules.cpp
void fieldSmall(nn::Advisor &a);
void fieldLarge(nn::Advisor &a);
// DropoutRules.cpp
void dropoutLarge(nn::Advisor &a);
void dropoutUneven(nn::Advisor &a);
void dropoutBeforeNorm(nn::Advisor &a);
// RunRules.cpp
void overfitting(nn::Advisor &a);
void underfitting(nn::Advisor &a);
void rateHigh(nn::Advisor &a);
void rateLow(nn::Advisor &a);
void accuracyJumps(nn::Advisor &a);

// Common to them.

/// "12.5 %"
std::string percent(double share);
/// "5x5" of [C, 5, 5]; "" of what has no pixels.
std::string pixelsText(mlir::Value value);
/// Layers of one tensor that leave every element at its place, or move it: a
/// formula, a view, dropout; not a sum of two branches.
bool passesOn(mlir::Operation *op);
bool isDropout(mlir::Operation *op);

} // namespace gradmill::advice
