#include "compiler/autodiff/Updates.h"

using namespace mlir;

namespace gradmill {

const ParameterGroup *StepSpec::groupOf(StringRef name) const {
  for (const ParameterGroup &group : llvm::reverse(groups))
    if (group.matches(name))
      return &group;
  return nullptr;
}

bool StepSpec::isFrozen(nn::ParameterOp parameter) const {
  const ParameterGroup *group = groupOf(parameter.getName());
  return group && group->lr == 0;
}

nn::ParameterOp addTensor(OpBuilder &builder, nn::ParameterOp of,
                          StringRef what, StringRef role,
                          const GraphTensors &graph) {
  std::string name = (of.getName() + "/" + what).str();
  if (nn::ParameterOp clash = graph.lookup(name)) {
    emitError(clash.getLoc())
        << "[parameter_name] \"" << name
        << "\" is what the optimizer calls its state of \"" << of.getName()
        << "\"; rename the parameter";
    return {};
  }
  return nn::ParameterOp::create(builder, of.getLoc(), of.getType(), name,
                                 builder.getStringAttr(role),
                                 builder.getF64FloatAttr(0.0), IntegerAttr());
}

//===-- Gradients -----------------------------------------------------------===//

LogicalResult Updates::transform(ArrayRef<nn::ParameterOp> parameters,
                                 MutableArrayRef<Value> gradients) {
  if (parameters.empty())
    return success();
  SmallVector<Value> values = llvm::map_to_vector(
      parameters, [](nn::ParameterOp p) -> Value { return p.getValue(); });
  for (const TransformSpec &transform : spec.transforms) {
    TransformContext context{builder, values.front().getLoc(), values, step,
                             transform.options};
    if (failed(transform.transform->build(context, gradients)))
      return failure();
  }
  return success();
}

//===-- Updates -------------------------------------------------------------===//

LogicalResult Updates::update(ArrayRef<nn::ParameterOp> parameters,
                              SmallVector<Value> gradients) {
  if (failed(transform(parameters, gradients)))
    return failure();
  for (auto [parameter, gradient] : llvm::zip(parameters, gradients))
    if (failed(updateOne(parameter, gradient)))
      return failure();
  return success();
}

// The optimizer's options for a parameter.
FailureOr<OptionValues> Updates::optionsOf(nn::ParameterOp parameter) {
  OptionValues options = spec.optimizer.options;
  const ParameterGroup *group = spec.groupOf(parameter.getName());
  if (!group || group->options.empty())
    return options;
  for (const auto &[name, value] : group->options)
    options.set(name, value);
  if (spec.optimizer.optimizer->check)
    if (std::string problem = spec.optimizer.optimizer->check(options);
        !problem.empty())
      return emitError(parameter.getLoc())
             << "[parameter_group] of \"" << parameter.getName()
             << "\": " << problem;
  return options;
}

// The learning rate, times the group's factor.
Value Updates::rateOf(nn::ParameterOp parameter) {
  const ParameterGroup *group = spec.groupOf(parameter.getName());
  if (!group || group->lr == 1)
    return learningRate;
  Value &rate = rates[group];
  if (!rate)
    rate = nn::WeightedSumOp::create(builder, learningRate.getLoc(),
                                     learningRate, group->lr);
  return rate;
}

LogicalResult Updates::updateOne(nn::ParameterOp parameter, Value gradient) {
  FailureOr<OptionValues> options = optionsOf(parameter);
  if (failed(options))
    return failure();
  std::string name = parameter.getName().str();
  bool clash = false; // of a state's name with one of the graph
  UpdateContext context{
      builder,
      parameter.getLoc(),
      parameter.getValue(),
      gradient,
      rateOf(parameter),
      step,
      *options,
      [&](StringRef state) -> Value {
        nn::ParameterOp read =
            addTensor(builder, parameter, state, "optimizer", graph);
        clash |= !read;
        // Something of the type, so that the rule can go on.
        return read ? read.getValue() : parameter.getValue();
      },
      [&](StringRef state, Value value) {
        assignments[name + "/" + state.str()] = value;
      }};
  assignments[name] = spec.optimizer.optimizer->build(context);
  return failure(clash);
}

LogicalResult Updates::average(nn::ParameterOp of, Value value) {
  nn::ParameterOp read = addTensor(builder, of, "average", "average", graph);
  if (!read)
    return failure();
  assignments[read.getName().str()] = nn::MovingAverageOp::create(
      builder, value.getLoc(), read.getValue(), value, step,
      builder.getF64FloatAttr(spec.ema));
  return success();
}

} // namespace gradmill
