#include "GraphTest.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace gradmill {
namespace {

TEST_F(GraphTest, EveryAttributeAndWeightSurvivesBitForBit) {
  auto module = parse(kGraph);
  auto bytes = writeGraph(*module, ".gmg");
  ASSERT_TRUE(bytes) << messages;
  auto again = readGmg(*bytes, "net.gmg", context);
  ASSERT_TRUE(again) << messages;
  // What MLIR's uniquing cannot tell apart is compared by eye: the printed
  // bits.
  std::string text = print(*again);
  EXPECT_HAS(
      text, "dense<[[1.000000e+00, -0.000000e+00], [0x7FC12345, 0xFF800000]]>");
  EXPECT_HAS(text, "dense<[0x7FF8000000000123, 4.940660e-324]>");
  EXPECT_HAS(text, "nan = 0x7FF0000000000001 : f64");
  EXPECT_HAS(text, "0000C07F000080BF"); // the resource
  EXPECT_HAS(text, "loc(\"net.py\":12:7)");
  auto ops = [](ModuleOp m) {
    SmallVector<Operation *> list;
    m.walk([&](Operation *op) { list.push_back(op); });
    return list;
  };
  auto left = ops(*module), right = ops(*again);
  ASSERT_EQ(left.size(), right.size());
  for (auto [a, b] : llvm::zip(left, right)) {
    EXPECT_EQ(a->getName(), b->getName());
    EXPECT_EQ(a->getResultTypes(), b->getResultTypes());
    EXPECT_EQ(a->getLoc(), b->getLoc());
    // In the same context the copy of a resource has another name.
    if (auto resource = a->getAttrOfType<DenseResourceElementsAttr>("init"))
      EXPECT_EQ(resource.getData(),
                b->getAttrOfType<DenseResourceElementsAttr>("init").getData());
    else
      EXPECT_EQ(a->getAttrDictionary(), b->getAttrDictionary());
  }
}

TEST_F(GraphTest, TheSameModuleGivesTheSameBytes) {
  std::string first = gmg(kGraph), second;
  {
    MLIRContext other(context.getDialectRegistry());
    other.loadAllAvailableDialects();
    other.allowUnregisteredDialects();
    auto module = readGmg(first, "net.gmg", other);
    ASSERT_TRUE(module);
    second = *writeGraph(*module, ".gmg");
  }
  EXPECT_EQ(first, second);
}

TEST_F(GraphTest, OpsWithoutOriginAreNumberedButNotWritten) {
  ExportOptions options;
  options.locations = false;
  std::string bytes = gmg(R"(func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
    %y = nn.add %x, %x : tensor<2xf32>
    return %y : tensor<2xf32>
  })",
                          options);
  auto module = readGmg(bytes, "net.gmg", context);
  ASSERT_TRUE(module) << messages;
  EXPECT_HAS(print(*module), "\"net.gmg:op#0\"");
  EXPECT_EQ(bytes, *writeGraph(*module, ".gmg"));
}

TEST_F(GraphTest, WeightsLieAt64Bytes) {
  std::string bytes = gmg(kGraph);
  const schema::Graph *graph = schema::GetGraph(bytes.data());
  ASSERT_GE(graph->buffers()->size(), 5u);
  for (const schema::Buffer *buffer : *graph->buffers())
    if (buffer->data())
      EXPECT_EQ((reinterpret_cast<const char *>(buffer->data()->data()) -
                 bytes.data()) %
                    64,
                0);
}

TEST_F(GraphTest, EqualWeightsAreWrittenOnce) {
  std::string bytes = gmg(R"(func.func @f() {
    %a = nn.parameter "a" {init = dense<[1.0, 2.0]> : tensor<2xf32>} : tensor<2xf32>
    %b = nn.parameter "b" {init = dense<[1.0, 2.0]> : tensor<2xf32>} : tensor<2xf32>
    return
  })");
  EXPECT_EQ(schema::GetGraph(bytes.data())->buffers()->size(), 1u);
}

TEST_F(GraphTest, OpsOfUnknownDialectsAreCarriedAlong) {
  const char *text = R"(func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
    %y:2 = "swish.twice"(%x, %x) {beta = 2.0 : f32, mode = #swish<fast<1>>} :
        (tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<i64>)
    return %y#0 : tensor<2xf32>
  })";
  std::string bytes = gmg(text);
  auto module = readGmg(bytes, "net.gmg", context);
  ASSERT_TRUE(module) << messages;
  EXPECT_HAS(print(*module), "mode = #swish.fast<1>");
  EXPECT_EQ(bytes, *writeGraph(*module, ".gmg"));
  EXPECT_STREQ(schema::GetGraph(bytes.data())
                   ->required_plugins()
                   ->Get(0)
                   ->name()
                   ->c_str(),
               "swish");

  context.allowUnregisteredDialects(false);
  EXPECT_HAS(
      refused(bytes),
      "[gmg_unknown_op] x.gmg: op#0 ('swish.twice'): the op is not known; "
      "it comes from the plugin 'swish'");
}

TEST_F(GraphTest, ThePluginOfAnOpIsNamed) {
  auto module =
      parse("func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {\n"
            "%y = nn.add %x, %x : tensor<2xf32>\n return %y : tensor<2xf32> }");
  ExportOptions options;
  options.pluginOf = [](llvm::StringRef op) {
    return op == "nn.add" ? "sums" : "";
  };
  std::string bytes = *writeGraph(*module, ".gmg", options);
  size_t at = bytes.find(
      "nn.add"); // the op's name is shared, the plugin list has its own
  for (; at != std::string::npos; at = bytes.find("nn.add", at + 1))
    bytes.replace(at, 6, "nn.odd");
  EXPECT_HAS(refused(bytes), "it comes from the plugin 'sums'");
}

} // namespace
} // namespace gradmill
