#include "llvm/Support/JSON.h"
#include "GraphTest.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

using namespace mlir;

namespace gradmill {
namespace {

TEST_F(GraphTest, JsonKeepsEveryBit) {
  auto module = parse(kGraph);
  std::string bytes = *writeGraph(*module, ".gmg");
  auto text = writeGraph(*module, ".json");
  ASSERT_TRUE(text) << messages;
  MLIRContext other(context.getDialectRegistry());
  other.loadAllAvailableDialects();
  other.allowUnregisteredDialects();
  auto again = readJson(*text, "net.json", other);
  ASSERT_TRUE(again);
  EXPECT_EQ(bytes, *writeGraph(*again, ".gmg"));
  for (llvm::StringRef line : llvm::split(*text, '\n'))
    EXPECT_LT(line.size(), 200u);
}

TEST_F(GraphTest, JsonIsStrict) {
  auto module = parse("func.func @f() {\n"
                      "%a = nn.parameter \"a\" {init = dense<[1.0, 2.0]> : "
                      "tensor<2xf32>} : tensor<2xf32>\n"
                      "return }");
  auto parsed = llvm::json::parse(*writeGraph(*module, ".json"));
  ASSERT_TRUE(bool(parsed));
  auto *data =
      (*parsed->getAsObject()->getArray("buffers"))[0].getAsObject()->getArray(
          "data");
  EXPECT_EQ(data->size(), 8u);
}

TEST_F(GraphTest, HostileJson) {
  EXPECT_HAS(refusedJson(""),
             "[gmg_json] x.json: the closing brace is missing");
  EXPECT_HAS(refusedJson("include \"/etc/hostname\"; {}"),
             "does not begin with '{'");
  EXPECT_HAS(refusedJson("{} table T {}"), "text after the closing brace");
  EXPECT_HAS(refusedJson("{} {}"), "text after the closing brace");
  EXPECT_HAS(refusedJson("{format_version: rad(180)}"), "unexpected character");
  EXPECT_HAS(refusedJson("{\"a"), "a string does not end");
  EXPECT_HAS(refusedJson("{/* "), "a comment does not end");
  EXPECT_HAS(refusedJson("]"), "does not begin");
  EXPECT_HAS(refusedJson(std::string("{\0}", 3)), "zero byte");
  EXPECT_HAS(refusedJson("{unknown: 1}"), "[gmg_json]");
  EXPECT_HAS(refusedJson("{format_version: 99999999999999999999}"),
             "[gmg_json]");
  EXPECT_HAS(refusedJson("{functions: 3}"), "[gmg_json]");
  EXPECT_HAS(refusedJson("{format_version: 1, buffers: [{data: [300]}]}"),
             "[gmg_json]");
  for (const char *open : {"[", "{a:", "{attributes:["}) {
    std::string deep = "{attributes: ";
    for (int i = 0; i < 100000; ++i)
      deep += open;
    EXPECT_HAS(refusedJson(deep), "nest deeper");
  }
  EXPECT_HAS(refusedJson(std::string(kMaxJsonBytes + 1, ' ')),
             "[gmg_too_large]");
}

TEST_F(GraphTest, JsonInTheStyleOfAPerson) {
  auto module = readJson(
      "{ format_version: 1, // the first\n functions: [{ name: 'f', /* a "
      "declaration */ attributes: [{ name: \"sym_visibility\", "
      "value_type: \"StringAttr\", value: { value: \"private\" }}]}]}",
      "x.json", context);
  EXPECT_TRUE(module) << messages;
}

// flatc, an independent reader of the schema, must agree in both directions.
TEST_F(GraphTest, FlatcReadsAndWritesOurFiles) {
  llvm::StringRef flatc = GRADMILL_FLATC;
  if (!llvm::sys::fs::can_execute(flatc))
    GTEST_SKIP() << "flatc is not installed";
  llvm::SmallString<128> folder;
  ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("gradmill-flatc", folder));
  llvm::scope_exit cleanUp([&] { llvm::sys::fs::remove_directories(folder); });
  auto path = [&](const char *name) { return (folder + "/" + name).str(); };
  // flatc refuses strings that are not UTF-8; ours holds one on purpose.
  std::string graph = kGraph;
  graph.erase(graph.find("\\FF"), 3);
  auto module = parse(graph);
  ASSERT_TRUE(succeeded(exportGraph(*module, path("a.gmg"))));
  ASSERT_TRUE(succeeded(exportGraph(*module, path("b.json"))));

  auto run = [&](std::vector<llvm::StringRef> arguments) {
    arguments.insert(arguments.begin(), {flatc, "-o", folder});
    return llvm::sys::ExecuteAndWait(flatc, arguments);
  };
  std::string a = path("a.gmg"), b = path("b.json");
  ASSERT_EQ(run({"--json", GRADMILL_GRAPH_FBS, "--", a}), 0);
  ASSERT_EQ(run({"--binary", GRADMILL_GRAPH_FBS, b}), 0);
  std::string want = *writeGraph(*module, ".gmg");
  for (llvm::StringRef name : {"a.json", "b.gmg"}) {
    MLIRContext other(context.getDialectRegistry());
    other.loadAllAvailableDialects();
    other.allowUnregisteredDialects();
    auto buffer = llvm::MemoryBuffer::getFile(folder + "/" + name);
    ASSERT_TRUE(bool(buffer)) << name.str();
    llvm::StringRef bytes = (*buffer)->getBuffer();
    auto again = name == "a.json" ? readJson(bytes, name, other)
                                : readGmg(bytes, name, other);
    ASSERT_TRUE(again) << name.str();
    EXPECT_EQ(*writeGraph(*again, ".gmg"), want) << name.str();
  }
}

} // namespace
} // namespace gradmill
