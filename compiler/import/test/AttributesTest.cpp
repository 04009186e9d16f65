// What a file cannot say is refused on the way out, at the op that says it.
#include "GraphTest.h"

using namespace mlir;

namespace gradmill {
namespace {

class ExportTest : public GraphTest {
protected:
  std::string refusedOut(llvm::StringRef text) {
    auto module = parse(text);
    messages.clear();
    EXPECT_FALSE(module && writeGraph(*module, ".gmg"));
    return messages;
  }
  std::string withAttribute(llvm::StringRef attribute) {
    return refusedOut("func.func @f() {\n  \"x.y\"() {a = " + attribute.str() +
                      "} : () -> ()\n  return\n}");
  }
};

TEST_F(ExportTest, AttributesWithoutAForm) {
  EXPECT_HAS(withAttribute("affine_map<(i) -> (i)>"),
             "[gmg_unsupported] 'x.y'");
  EXPECT_HAS(messages, "graph.mlir\":2:3");
  EXPECT_HAS(withAttribute("1 : i128"), "gmg_unsupported");
  EXPECT_HAS(withAttribute("1.0 : f80"), "gmg_unsupported");
  EXPECT_HAS(withAttribute("\"a\" : i32"), "gmg_unsupported");
  EXPECT_HAS(withAttribute("@a::@b"), "gmg_unsupported");
  EXPECT_HAS(withAttribute("dense<1> : vector<2xi32>"), "gmg_unsupported");
  EXPECT_HAS(withAttribute("sparse<[[0]], [1]> : tensor<2xi32>"),
             "gmg_unsupported");
  EXPECT_HAS(withAttribute("dense<\"a\"> : tensor<1x!x.s>"), "gmg_unsupported");
  EXPECT_HAS(withAttribute("dense_resource<missing> : tensor<2xi32>"),
             "gmg_unsupported");
  EXPECT_HAS(withAttribute(std::string(20, '[') + std::string(20, ']')),
             "nested deeper");
}

TEST_F(ExportTest, GraphsWithoutAForm) {
  EXPECT_HAS(
      refusedOut("func.func @f() {\n \"x.y\"() ({}) : () -> ()\n return\n}"),
      "regions");
  EXPECT_HAS(refusedOut("func.func @f(%a: i32) {\n return\n}"),
             "a value of type 'i32'");
  EXPECT_HAS(
      refusedOut("func.func @f(%a: tensor<4xf32, #nn.lanes<4>>) {\n return\n}"),
      "layout");
  EXPECT_HAS(refusedOut("module { module {} }"), "outside of a function");
  EXPECT_HAS(
      refusedOut(
          "func.func @f() {\n \"x.br\"() [^a] : () -> ()\n ^a:\n return\n}"),
      "several blocks");
}

} // namespace
} // namespace gradmill
