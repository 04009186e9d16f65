// What MLIR's parser must not see, and that all else goes by.
#include "compiler/import/MlirText.h"
#include <gtest/gtest.h>

namespace gradmill {
namespace {

std::string faultOf(llvm::StringRef text) {
  auto fault = findForeignText(text);
  return fault ? std::to_string(fault->offset) + ": " + fault->message : "";
}

std::string nested(llvm::StringRef open, unsigned depth) {
  std::string text;
  for (unsigned i = 0; i < depth; ++i)
    text += open;
  return text;
}

TEST(MlirText, Graphs) {
  for (llvm::StringRef text : {
           "",
           "// <<<<[[[ {-# !t = i32\nfunc.func @f() { return }",
           "%a = \"x.y\"() {n = \"[[\\\"<{\", m = -1} : () -> ()",
           "#loc = loc(unknown)\n#loc1 = loc(\"f\":1:2)\nmodule {} loc(#loc)",
           "func.func @f(%x: tensor<1xf32>) -> (tensor<1xf32>) {}",
           "func.func @\"<<\"()",
           "x.y a >= b",
       })
    EXPECT_EQ(faultOf(text), "") << text.str();
}

TEST(MlirText, Nesting) {
  for (const char *open : {"[", "(", "{", "tuple<", "- ",
                           "[ // ]\n", "[\"]\"", "[\"\\\"]\""}) {
    EXPECT_EQ(faultOf(nested(open, kMaxTextDepth)), "") << open;
    EXPECT_NE(faultOf(nested(open, kMaxTextDepth + 1)), "") << open;
    EXPECT_TRUE(nestsWithin(nested(open, 3), 3)) << open;
    EXPECT_FALSE(nestsWithin(nested(open, 4), 3)) << open;
  }
  // An arrow closes nothing.
  EXPECT_EQ(faultOf(nested("tuple<() -> ", kMaxTextDepth - 1)), "");
  EXPECT_NE(faultOf(nested("tuple<() -> ", kMaxTextDepth + 1)), "");
  EXPECT_EQ(faultOf(nested("[]", 1000)), "");
  EXPECT_EQ(faultOf(nested("x = -1, ", 1000)), "");
}

TEST(MlirText, WhatNoGraphHas) {
  EXPECT_EQ(faultOf("!t = i32"),
            "3: an alias of a type; write it where it is used");
  EXPECT_NE(faultOf("!t // c\r= i32"), "");
  EXPECT_NE(faultOf("#a = [1]"), "");
  EXPECT_NE(faultOf("#a=#b"), "");
  EXPECT_NE(faultOf("\"x.y\"() <{a = 1}> : () -> ()"), "");
  EXPECT_NE(faultOf("\"x.y\"() < // c\n{a = 1}> : () -> ()"), "");
  EXPECT_NE(faultOf("\"x.y\"()[^a] <{a = 1}> : () -> ()"), "");
  EXPECT_NE(faultOf("{-# a #-}"), "");
  EXPECT_NE(faultOf(llvm::StringRef("a\0b", 3)), "");
  EXPECT_NE(faultOf("\"a"), "");
  EXPECT_NE(faultOf("\"a\n\""), "");
}

} // namespace
} // namespace gradmill
