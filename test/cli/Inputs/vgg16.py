"""VGG16 (Simonyan and Zisserman, 2014, configuration D) as a graph, with the biases that it has."""
channels, size, count, value = 3, 224, 0, "%image"
print('func.func @main(%image: tensor<?x3x224x224xf32> {nn.name = "image"}) -> (tensor<?x1000xf32> {nn.name = "output"}) {')


def emit(text, *types):
    global count, value
    count += 1
    print(f"  %{count} = {text} : {', '.join(types)}")
    value = f"%{count}"


def parameter(name, shape):
    print(f'  %{name} = nn.parameter "{name}" : tensor<{shape}xf32>')
    return f"tensor<{shape}xf32>"


for stage, (filters, layers) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
    for layer in range(1, layers + 1):
        w = parameter(f"w{stage}_{layer}", f"{filters}x{channels}x3x3")
        b = parameter(f"b{stage}_{layer}", filters)
        emit(f"nn.conv2d {value}, %w{stage}_{layer} bias %b{stage}_{layer} {{padding = array<i64: 1, 1>}}",
             f"tensor<?x{channels}x{size}x{size}xf32>", w, b)
        channels = filters
        emit(f"nn.relu {value}", f"tensor<?x{channels}x{size}x{size}xf32>")
    emit(f"nn.max_pool2d {value} {{kernel = array<i64: 2, 2>}}", f"tensor<?x{channels}x{size}x{size}xf32>")
    size //= 2
emit(f"nn.flatten {value}", f"tensor<?x{channels}x{size}x{size}xf32>")
features = channels * size * size
for layer, outputs in enumerate([4096, 4096, 1000], 1):
    w, b = parameter(f"w{layer}", f"{outputs}x{features}"), parameter(f"b{layer}", outputs)
    emit(f"nn.linear {value}, %w{layer} bias %b{layer}", f"tensor<?x{features}xf32>", w, b)
    features = outputs
    if outputs != 1000:
        emit(f"nn.relu {value}", f"tensor<?x{features}xf32>")
emit(f"nn.log_softmax {value}", "tensor<?x1000xf32>")
print(f"  return {value} : tensor<?x1000xf32>\n}}")
