// The rules of a graph, one by one, on modules as any reader may make them.
#include "compiler/import/CheckGraph.h"
#include "GraphTest.h"

using namespace mlir;

namespace gradmill {
namespace {

class CheckGraphTest : public GraphTest {
protected:
  std::string faults(llvm::StringRef text) {
    auto module = parse(text);
    messages.clear();
    bool good = module && succeeded(checkGraph(*module));
    EXPECT_EQ(good, messages.empty()) << messages;
    return messages;
  }
  // A graph with `op` in it, and attributes at its places.
  std::string graph(const std::string &op, const std::string &argument = "",
                    const std::string &result = "",
                    const std::string &function = "",
                    const std::string &module = "") {
    return faults("module attributes {" + module +
                  "} { func.func @main(%x: tensor<?x4xf32> {" + argument +
                  "}) -> (tensor<?x4xf32> {" + result + "}) attributes {" +
                  function + "} {\n" + op + "\nreturn %x : tensor<?x4xf32> }}");
  }
};

TEST_F(CheckGraphTest, AGraph) {
  EXPECT_EQ(faults(kPlainGraph), "");
  EXPECT_EQ(graph("%y = nn.add %x, %x : tensor<?x4xf32>",
                  "nn.name = \"image\", nn.mean = [0.5], nn.std = []",
                  "nn.name = \"output\""),
            "");
}

TEST_F(CheckGraphTest, AGraphAndNothingElse) {
  EXPECT_HAS(faults("module {}"), "[graph_function] there is no function");
  EXPECT_HAS(faults("func.func private @main(tensor<4xf32>)"),
             "[graph_function] 'main' has no body");
  EXPECT_HAS(faults("func.func @a() { return } func.func @b() { return }"),
             "[graph_function] another function, 'b'; a graph is one function, "
             "with perhaps @loss beside it");
  EXPECT_HAS(faults("func.func @a() { return } module {}"),
             "[graph_op] 'builtin.module' beside the function");
  EXPECT_HAS(faults("\"llvm.func\"() ({}) : () -> ()"), "[graph_op]");
  EXPECT_HAS(faults("func.func @a() { \"x.br\"() [^b] : () -> ()\n ^b: return }"),
             "several blocks");
}

// @loss takes other attributes than the graph: what data is stands there, what
// targets and metrics are stands here.
TEST_F(CheckGraphTest, Loss) {
  auto loss = [&](const std::string &argument, const std::string &result,
                  const std::string &graph = "") {
    return faults("func.func @main(%x: tensor<?x4xf32> {" + graph +
                  "}) -> tensor<?x4xf32> { return %x : tensor<?x4xf32> }\n"
                  "func.func @loss(%l: tensor<?xi32> {" +
                  argument + "}, %p: tensor<?x4xf32>) -> (tensor<f32> {" +
                  result + "}) {\n%m = nn.constant dense<1.0> : tensor<f32>\n" +
                  "return %m : tensor<f32> }");
  };
  EXPECT_EQ(loss("", ""), "");
  EXPECT_EQ(loss("nn.name = \"label\", nn.classes = 10, nn.ignore = -100",
                 "nn.name = \"loss\", nn.share"),
            "");
  for (const char *value : {"0", "1048577", "10 : i32", "1.0"})
    EXPECT_HAS(loss(std::string("nn.classes = ") + value, ""),
               "[graph_attribute] argument 0: 'nn.classes' is no i64 of 1 to "
               "1048576");
  EXPECT_HAS(loss("nn.ignore = 2147483648", ""),
             "'nn.ignore' is no i64 of -2147483648 to 2147483647");
  EXPECT_HAS(loss("", "nn.share = true"), "'nn.share' has a value");
  EXPECT_HAS(loss("nn.mean = [0.5]", ""), "[unknown_attribute] argument 0");
  EXPECT_HAS(loss("nn.port = \"target\"", ""), "[unknown_attribute]");
  EXPECT_HAS(loss("", "", "nn.ignore = 10"), "[unknown_attribute]");
  EXPECT_EQ(loss("", "", "nn.preprocess = \"digit\""), "");
  EXPECT_HAS(faults("func.func @loss() { return }"),
             "[graph_function] there is no function beside @loss");
}

TEST_F(CheckGraphTest, Ops) {
  EXPECT_HAS(graph("%y = nn.channel_sum %x : tensor<?x4xf32>"),
             "[graph_op] 'nn.channel_sum' is made by the compiler");
  EXPECT_HAS(graph("nn.assign \"w\", %x : tensor<?x4xf32>"), "[graph_op]");
  EXPECT_HAS(graph("%y = nn.pack %x : tensor<?x4xf32> -> tensor<?x4xf32>"),
             "[graph_op]");
  EXPECT_HAS(graph("%y = func.call @main(%x) : (tensor<?x4xf32>) -> "
                   "tensor<?x4xf32>"),
             "[graph_op] 'func.call' is no op of a graph");
  EXPECT_HAS(graph("\"x.y\"() ({}) : () -> ()"), "a graph is flat");
  EXPECT_HAS(graph("builtin.module {}"), "a graph is flat");
  EXPECT_EQ(graph("%y = \"x.carried\"(%x) {a = [1]} : (tensor<?x4xf32>) -> "
                  "tensor<4xi32>"),
            "");
}

TEST_F(CheckGraphTest, Types) {
  auto result = [&](const std::string &type) {
    return graph("%y = \"x.y\"() : () -> " + type);
  };
  for (const char *type :
       {"i1", "tensor<*xf32>", "tensor<4xi8>", "tensor<4xf16>", "memref<4xf32>",
        "tensor<4x4xf32, #nn.lanes<8>>", "tensor<1048576x1048577xf32>",
        "tensor<0x9223372036854775807x9223372036854775807xf32>",
        "tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>"}) {
    EXPECT_HAS(result(type), "[graph_type]");
    EXPECT_HAS(faults("func.func @main(%x: " + std::string(type) +
                      ") { return }"),
               "[graph_type] argument 0");
  }
}

TEST_F(CheckGraphTest, Attributes) {
  EXPECT_HAS(graph("%y = nn.add %x, %x {a.b} : tensor<?x4xf32>"),
             "[unknown_attribute] nn.add has no attribute 'a.b'; there is none "
             "that it takes");
  EXPECT_HAS(graph("%w = nn.parameter \"w\" {initialize = 1.0 : f32} : "
                   "tensor<4xf32>"),
             "nn.parameter has no attribute 'initialize'; did you mean 'init'?");
  EXPECT_HAS(graph("%w = nn.parameter \"w\" {frozen} : tensor<4xf32>"),
             "it takes fan_in, init, name, role");
  std::string add = "%y = nn.add %x, %x {nn.registers = ";
  EXPECT_EQ(graph(add + "64 : i64} : tensor<?x4xf32>"), "");
  for (const char *value : {"0 : i64", "129 : i64", "8 : ui8", "1.0", "unit"})
    EXPECT_HAS(graph(add + value + "} : tensor<?x4xf32>"), "no i64 of 1 to 128");
  EXPECT_HAS(graph("", "nn.mean = [1, 2]"),
             "[graph_attribute] argument 0: 'nn.mean' is no list of floats");
  EXPECT_HAS(graph("", "nn.std = 1.0 : f32"), "[graph_attribute]");
  EXPECT_HAS(graph("", "nn.name = 3"), "'nn.name' is no string");
  EXPECT_HAS(graph("", "nn.naem = \"a\""), "did you mean 'nn.name'?");
  for (const char *internal : {"nn.role = \"prepared\"", "nn.state = 1",
                               "nn.arena", "nn.scratch", "nn.init = 1"})
    EXPECT_HAS(graph("", internal), "[unknown_attribute] argument 0");
  EXPECT_HAS(graph("", "", "nn.output"), "[unknown_attribute] result 0");
  EXPECT_HAS(graph("", "", "", "nn.entry"), "[unknown_attribute] the function");
  EXPECT_HAS(graph("", "", "", "", "dlti.dl_spec = 1"),
             "[unknown_attribute] the module");
  EXPECT_HAS(
      faults("func.func private @main() { return }"),
      "[unknown_attribute] the function has no attribute 'sym_visibility'");
  EXPECT_HAS(graph("%w = nn.parameter \"w\" {role = \"prepared\"} : "
                   "tensor<4xf32>"),
             "[parameter_c2]");
}

TEST_F(CheckGraphTest, Names) {
  std::string longest(1024, 'a');
  for (const std::string &name : {longest, std::string("\xC3\xA9"),
                                  std::string("a/b c"),
                                  std::string("__metadata")}) {
    EXPECT_EQ(nn::nameFault(name), "");
    EXPECT_EQ(graph("", "nn.name = \"" + name + "\""), "");
  }
  const std::pair<std::string, const char *> bad[] = {
      {"", "is empty"},
      {longest + "a", "has 1025 bytes, expected at most 1024"},
      {"\\FF", "is not valid UTF-8"},
      {"\\C3", "is not valid UTF-8"},
      {"\\1B[31m", "has a control character"},
      {"a\\0A", "has a control character"},
      {"\\00", "has a control character"},
      {"\\7F", "has a control character"},
      {"\\C2\\9B", "has a control character"},
      {"__metadata__", "is reserved"}};
  for (auto &[name, fault] : bad) {
    EXPECT_HAS(graph("", "nn.name = \"" + name + "\""), fault);
    EXPECT_HAS(graph("", "", "nn.name = \"" + name + "\""), fault);
    EXPECT_HAS(faults("module @\"m" + name + "\" {}"),
               name.empty() || name[0] == '_' ? "no function" : "graph_name");
    auto parameter = mlir::parseSourceString<ModuleOp>(
        "%w = nn.parameter \"" + name + "\" : tensor<4xf32>", &context);
    EXPECT_FALSE(parameter) << name;
    EXPECT_HAS(messages, fault);
  }
}

// Locations nest as deep as a file wants, through their aliases.
TEST_F(CheckGraphTest, PlainLocations) {
  Location deep = FileLineColLoc::get(&context, "a\x1B.py", 3, 4);
  for (int i = 0; i < 40; ++i)
    deep = CallSiteLoc::get(deep, deep);
  EXPECT_EQ(plainLocation(deep),
            Location(FileLineColLoc::get(&context, "a?.py", 3, 4)));
  EXPECT_EQ(plainLocation(NameLoc::get(StringAttr::get(&context, "n"), deep)),
            Location(NameLoc::get(StringAttr::get(&context, "n"),
                                  plainLocation(deep))));
  for (int i = 0; i < 200000; ++i)
    deep = CallSiteLoc::get(deep, deep);
  EXPECT_EQ(plainLocation(deep), Location(UnknownLoc::get(&context)));
  auto module = parse("func.func @f() { return }");
  module->walk([&](Operation *op) { op->setLoc(deep); });
  EXPECT_TRUE(succeeded(checkGraph(*module)));
  EXPECT_TRUE(writeGraph(*module, ".gmg").has_value());
}

} // namespace
} // namespace gradmill
