#include "ReadOnnx.h"
#include "Builder.h"
#include "Scan.h"
#include "onnx.pb.h"
#include <google/protobuf/io/coded_stream.h>

using namespace mlir;

namespace gradmill {

// Of ONNX's own operators. What changed between these versions, the operators'
// functions know; of version 6, repeating operands by attributes is refused.
static constexpr int64_t kOldest = 6, kNewest = 23;

// The version of ONNX's own operators that the model was written for; 0 after
// an error.
static int64_t opsetOf(const onnx_format::Model &model, StringRef name,
                       MLIRContext &context) {
  int64_t version = 0;
  for (const onnx_format::OperatorSet &set : model.opset_import())
    if (set.domain().empty() || set.domain() == "ai.onnx")
      version = std::max(version, set.version());
  if (version >= kOldest && version <= kNewest)
    return version;
  fileError(&context, name, "onnx_opset")
      << "the model was written for version " << version
      << " of ONNX's operators (opset), and versions " << kOldest << " to "
      << kNewest << " are read; export it with another one";
  return 0;
}

OwningOpRef<ModuleOp> readOnnx(StringRef bytes, StringRef name,
                               MLIRContext &context,
                               const ImportOptions &options) {
  if (std::string fault = onnx::faultOf(bytes); !fault.empty()) {
    fileError(&context, name, "onnx_file") << fault;
    return {};
  }
  onnx_format::Model model;
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>(bytes.data()), int(bytes.size()));
  stream.SetRecursionLimit(16); // model, graph, node, attribute, tensor
  if (!model.ParseFromCodedStream(&stream) ||
      !stream.ConsumedEntireMessage() || !model.has_graph()) {
    fileError(&context, name, "onnx_file")
        << "the file is damaged, or no ONNX model";
    return {};
  }
  int64_t opset = opsetOf(model, name, context);
  if (!opset)
    return {};
  onnx::Builder builder(model.graph(), opset, name, context);
  for (const onnx_format::StringEntry &entry : model.metadata_props())
    builder.addMetadata(entry.key(), entry.value());
  return builder.build(options.settings);
}

} // namespace gradmill
