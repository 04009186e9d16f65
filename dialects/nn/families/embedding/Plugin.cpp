#include "Embedding.h"
#include "nn/Registry.h"

// No sample: random graphs have no integers.
GRADMILL_PLUGIN(embedding) {
  using namespace gradmill::nn;
  registry.ops<EmbeddingOp, EmbeddingBackwardOp>();
  registry.alsoCalled("nn.embedding", {"embedding_bag", "lookup", "gather"});
}
