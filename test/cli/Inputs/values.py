"""A graph with a constant and an initial value of many elements each, which end in the given numbers.

usage: values.py CONSTANT INITIAL"""
import sys


def values(last):
    return ", ".join(["0.5"] * 39 + [last])


print(f"""
func.func @main(%x: tensor<?x1x2x20xf32>) -> tensor<?x1xf32> {{
  %f = nn.flatten %x : tensor<?x1x2x20xf32>
  %c = nn.constant dense<[[{values(sys.argv[1])}]]> : tensor<1x40xf32>
  %w = nn.parameter "w" {{init = dense<[[{values(sys.argv[2])}]]> : tensor<1x40xf32>}} : tensor<1x40xf32>
  %a = nn.linear %f, %c : tensor<?x40xf32>, tensor<1x40xf32>
  %b = nn.linear %f, %w : tensor<?x40xf32>, tensor<1x40xf32>
  %y = nn.add %a, %b : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}}""")
