#include "Embedding.h"
#include "nn/Onnx.h"
#include "nn/Registry.h"

// ONNX's Gather counts numbers below 0 from the table's end, and refuses those
// that are too large; there are neither in good data.
static mlir::LogicalResult writeEmbedding(gradmill::nn::EmbeddingOp op,
                                          gradmill::nn::OnnxWriter &w) {
  return w.give(op, w.node("Gather",
                           {w.value(op.getTable()), w.value(op.getIndices())},
                           {{"axis", 0}}));
}

// No sample: random graphs have no integers.
GRADMILL_PLUGIN(embedding) {
  using namespace gradmill::nn;
  registry.ops<EmbeddingOp, EmbeddingBackwardOp>();
  registry.onnx<EmbeddingOp>(writeEmbedding);
  registry.alsoCalled("nn.embedding", {"embedding_bag", "lookup", "gather"});
}
