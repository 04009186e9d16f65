// Well-formed FlatBuffers that say something impossible; written as JSON for
// brevity.
#include "GraphTest.h"

using namespace mlir;

namespace gradmill {
namespace {

class SemanticsTest : public GraphTest {
protected:
  std::string op(const std::string &fields) {
    return refusedJson(
        "{format_version: 1, functions: [{name: \"f\", body: {ops: [{" +
        fields + "}]}}]}");
  }
  std::string attribute(const std::string &kind, const std::string &value) {
    return op("name: \"x.y\", attributes: [{name: \"a\", value_type: \"" +
              kind + "\", value: " + value + "}]");
  }
};

TEST_F(SemanticsTest, Versions) {
  EXPECT_HAS(refusedJson("{format_version: 7}"),
             "[gmg_version] x.json: the file has format version 7, this "
             "gradmill reads version 1");
  EXPECT_HAS(refusedJson("{}"), "format version 0");
  EXPECT_HAS(op("name: \"nn.add\", version: 3"),
             "[gmg_op_version] x.json: op#0 ('nn.add'): the op has version 3, "
             "this gradmill knows up to 1");
}

TEST_F(SemanticsTest, Ops) {
  EXPECT_HAS(op("name: \"nn.fusedx\""), "[gmg_unknown_op]");
  EXPECT_HAS(messages, "names no plugin");
  EXPECT_HAS(op("name: \"nn.fused\""), "[gmg_regions]");
  EXPECT_HAS(op("name: \"func.func\""), "[gmg_regions]");
  EXPECT_HAS(op("name: \"builtin.module\""), "[gmg_regions]");
  EXPECT_HAS(op("name: \"\""), "[gmg_name]");
  EXPECT_HAS(op("name: \"no_dot\""), "[gmg_name]");
  EXPECT_HAS(op("name: \"a.\""), "[gmg_name]");
  EXPECT_HAS(op("version: 1"), "[gmg_json]");
  EXPECT_HAS(op("name: \"x.y\", operands: [0]"),
             "[gmg_value] x.json: op#0 ('x.y'): operand 0 is "
             "value 0, but only 0 are defined before it");
  EXPECT_HAS(op("name: \"nn.add\""), "[gmg_invalid]");
  EXPECT_HAS(messages, "requires one result");
  EXPECT_HAS(messages, "x.json:op#0");
  EXPECT_HAS(
      op("name: \"nn.add\", location: {file: \"net.py\", line: 4, column: 2}"),
      "\"net.py\":4:2");
}

TEST_F(SemanticsTest, Types) {
  auto result = [&](const std::string &type) {
    return op("name: \"x.y\", results: [{" + type + "}]");
  };
  EXPECT_HAS(result("element: \"F16\""), "[gmg_type]");
  EXPECT_HAS(result("element: \"F32\", scalar: true"), "[gmg_type]");
  EXPECT_HAS(result("element: 77"), "[gmg_type]");
  EXPECT_HAS(result(""), "[gmg_type]");
  EXPECT_HAS(result("element: \"F32\", shape: [-2]"), "dimension 0 is -2");
  EXPECT_HAS(result("element: \"F32\", shape: [-9223372036854775808]"),
             "dimension 0 is");
  EXPECT_HAS(result("element: \"F32\", shape: [4294967296, 4294967296]"),
             "2^40");
  EXPECT_HAS(result("element: \"F32\", shape: [9223372036854775807, 0, 8]"),
             "2^40");
  EXPECT_HAS(
      result("element: \"F32\", shape: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"),
      "rank 17");
}

TEST_F(SemanticsTest, Attributes) {
  EXPECT_HAS(attribute("IntAttr", "{type: \"I8\", value: 128}"),
             "[gmg_attribute]");
  EXPECT_HAS(messages, "op#0 ('x.y'): attribute 'a': ");
  EXPECT_HAS(attribute("IntAttr", "{type: \"UI8\", value: -1}"),
             "[gmg_attribute]");
  EXPECT_HAS(attribute("IntAttr", "{type: \"F32\", value: 1}"),
             "[gmg_attribute]");
  EXPECT_HAS(attribute("FloatAttr", "{type: \"F32\", bits: 4294967296}"),
             "[gmg_attribute]");
  EXPECT_HAS(attribute("FloatAttr", "{type: \"I32\"}"), "[gmg_attribute]");
  EXPECT_HAS(attribute("IntsAttr", "{type: \"I32\", values: [2147483648]}"),
             "[gmg_attribute]");
  EXPECT_HAS(attribute("IntsAttr", "{type: \"I1\", values: [2]}"),
             "[gmg_attribute]");
  EXPECT_HAS(attribute("FloatsAttr", "{type: \"F16\", bits: [65536]}"),
             "[gmg_attribute]");
  EXPECT_HAS(attribute("SymbolAttr", "{name: \"\"}"), "[gmg_attribute]");
  EXPECT_HAS(
      attribute("DialectAttr", "{dialect: \"builtin\", text: \"#builtin.x\"}"),
      "[gmg_attribute]");
  EXPECT_HAS(
      attribute("DialectAttr", "{dialect: \"nn\", text: \"#nn.lanes<\"}"),
      "[gmg_attribute]");
  EXPECT_HAS(
      attribute("DialectAttr", "{dialect: \"nn\", text: \"#nn.lanes<1> 3\"}"),
      "[gmg_attribute]");
  EXPECT_HAS(
      op("name: \"x.y\", attributes: [{value_type: \"UnitAttr\", value: {}}]"),
      "[gmg_name]");
  EXPECT_HAS(op("name: \"x.y\", attributes: [{name: \"a\", value_type: "
                "\"UnitAttr\", value: {}},"
                "{name: \"a\", value_type: \"UnitAttr\", value: {}}]"),
             "given twice");
  // The op's own attribute of another kind: named, not dropped.
  EXPECT_HAS(op("name: \"nn.parameter\", attributes: [{name: \"name\", "
                "value_type: \"UnitAttr\", "
                "value: {}}], results: [{element: \"F32\"}]"),
             "gmg_attribute");
}

TEST_F(SemanticsTest, Buffers) {
  std::string f32 = "type: {element: \"F32\", shape: [2]}";
  EXPECT_HAS(attribute("DenseAttr", "{" + f32 + "}"),
             "refers to buffer 0 of 0");
  auto with = [&](const std::string &dense, const std::string &data) {
    return refusedJson("{format_version: 1, attributes: [{name: \"a.b\", "
                       "value_type: \"DenseAttr\","
                       " value: {" +
                       dense + "}}], buffers: [{data: [" + data + "]}]}");
  };
  EXPECT_HAS(with(f32, "0,0,0,0"), "has 4 bytes");
  EXPECT_HAS(with(f32 + ", splat: true", "0,0,0,0,0,0,0,0"), "needs 4");
  EXPECT_HAS(with(f32 + ", buffer: 4294967295", ""),
             "refers to buffer 4294967295 of 1");
  EXPECT_HAS(with("type: {element: \"F32\", shape: [-1]}", ""),
             "cannot have data");
  EXPECT_HAS(with("type: {element: \"Index\", shape: [1]}", "0"),
             "cannot have data");
  EXPECT_HAS(with("type: {element: \"F32\", scalar: true}", "0,0,0,0"),
             "data of a number");
  EXPECT_HAS(with("type: {element: \"I1\", shape: [2]}", "0, 2"),
             "neither 0 nor 1");
  EXPECT_HAS(
      with("type: {element: \"F32\", shape: [0]}, splat: true", "0,0,0,0"),
      "needs 4");
  EXPECT_HAS(with("type: {element: \"F32\", shape: [1099511627776]}", "0"),
             "has 1 bytes");
}

TEST_F(SemanticsTest, Functions) {
  EXPECT_HAS(refusedJson("{format_version: 1, functions: [{name: \"\"}]}"),
             "[gmg_name]");
  EXPECT_HAS(
      refusedJson(
          "{format_version: 1, functions: [{name: \"f\", attributes: [{name: "
          "\"sym_name\", value_type: \"UnitAttr\", value: {}}]}]}"),
      "a field of its own");
  EXPECT_HAS(
      refusedJson("{format_version: 1, functions: [{name: \"f\", body: {}}]}"),
      "gmg_invalid");
  EXPECT_HAS(
      refusedJson(
          "{format_version: 1, functions: [{name: \"f\", attributes: [{name: "
          "\"sym_visibility\", value_type: \"UnitAttr\", value: {}}]}]}"),
      "gmg_attribute");
}

} // namespace
} // namespace gradmill
