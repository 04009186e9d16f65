// Names kernels by the model's parameters, counts their work and their bytes,
// and makes every piece of their code a parallel loop of its own. Serial code
// (packing filters, combining partial sums, updates) becomes a loop of one
// iteration. In the artifact each loop is one call of the host's `parallel`. So
// the host can time every kernel by timing its calls, and the code needs no
// instrumentation.
//
// requires: kernels are lowered one after the other into one block. maintains:
// scf.forall in that block have the mapping [#nn.kernel<i>].
#include "compiler/vector/KernelReport.h"
#include "compiler/Remarks.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace gradmill {
namespace {

// The line of the graph, without the locations that passes have added.
Location lineOf(Location loc) {
  Location found = loc;
  loc->walk([&](Location l) {
    if (!isa<FileLineColLoc, NameLoc>(l))
      return WalkResult::advance();
    found = l;
    return WalkResult::interrupt();
  });
  return found;
}

// "conv1" of "conv1.weight".
StringRef layerOf(StringRef parameter) {
  StringRef layer = parameter.rsplit('.').first;
  return layer.empty() ? parameter : layer;
}

int64_t bytesOf(Type type) {
  return nn::bufferBytes(nn::bufferType(cast<RankedTensorType>(type)));
}

// Why a kernel's vectors are narrower than the target's, or why some lanes do
// not count; or "".
std::string batchInVectors(ArrayRef<Operation *> ops, int64_t vectorBytes) {
  for (Operation *op : ops)
    for (Type type :
         llvm::concat<const Type>(llvm::to_vector(op->getOperandTypes()),
                                  llvm::to_vector(op->getResultTypes()))) {
      auto tensor = cast<RankedTensorType>(type);
      if (nn::layoutOf(type) != nn::Layout::Lanes ||
          !isa<FloatType>(tensor.getElementType()))
        continue;
      int64_t full = vectorBytes * 8 / tensor.getElementTypeBitWidth();
      int64_t lanes = nn::lanesOf(type), batch = tensor.getDimSize(0);
      if (lanes < full)
        return (lanes == 1 ? "not vectorized"
                           : "vectors of " + std::to_string(lanes)) +
               ": the batch of " + std::to_string(batch) +
               " fills no more, the target's vectors hold " +
               std::to_string(full);
      if (batch % lanes)
        return "the last vector is filled up: a batch of " +
               std::to_string(batch) + " costs as much as one of " +
               std::to_string(llvm::alignTo(batch, lanes));
    }
  return "";
}

// The op of a kernel that has a loop nest of its own, or its end.
Operation *const *anchorOf(ArrayRef<Operation *> ops) {
  return llvm::find_if(ops, llvm::IsaPred<nn::LoweringInterface>);
}

// An anchor that reads the elements of another kernel from memory.
bool readsAnotherKernel(ArrayRef<Operation *> ops) {
  auto anchor = anchorOf(ops);
  return anchor != ops.end() && !isa<nn::PackOp, nn::UnpackOp>(*anchor) &&
         llvm::any_of((*anchor)->getOperands(), [&](Value v) {
           return nn::layoutOf(v.getType()) != nn::Layout::Dense &&
                  v.getDefiningOp() && !v.getDefiningOp<nn::PackOp>() &&
                  !llvm::is_contained(ops, v.getDefiningOp());
         });
}

// Views and constants stay outside of tasks, which make them again.
bool isView(Operation *op) {
  return isa<arith::ConstantOp, memref::AllocOp, memref::CollapseShapeOp,
             memref::GetGlobalOp>(op);
}

// Moves `run` into a loop of one iteration, unless its values are used
// elsewhere.
void wrap(ArrayRef<Operation *> run, ArrayAttr mapping) {
  if (run.empty())
    return;
  llvm::SmallPtrSet<Operation *, 16> members(run.begin(), run.end());
  Block *block = run.front()->getBlock();
  for (Operation *op : run)
    for (Operation *user : op->getUsers())
      if (!members.contains(block->findAncestorOpInBlock(*user)))
        return;
  OpBuilder builder(run.back()->getContext());
  builder.setInsertionPointAfter(run.back());
  auto loop = scf::ForallOp::create(
      builder, run.front()->getLoc(),
      ArrayRef<OpFoldResult>{builder.getIndexAttr(1)}, ValueRange{}, mapping);
  for (Operation *op : run)
    op->moveBefore(loop.getTerminator());
}
} // namespace

LayerNames namesOfLayers(ModuleOp module) {
  LayerNames layers;
  module.walk([&](Operation *op) {
    for (Value operand : op->getOperands())
      if (auto parameter = operand.getDefiningOp<nn::ParameterOp>();
          parameter && parameter.isTrainable())
        layers.try_emplace(lineOf(op->getLoc()),
                           layerOf(parameter.getName()).str());
  });
  return layers;
}

std::string KernelReport::label(Operation *op) const {
  // An update belongs to one parameter, not to a layer.
  for (Value result : op->getResults())
    for (Operation *user : result.getUsers())
      if (auto assign = dyn_cast<nn::AssignOp>(user))
        for (Value operand : op->getOperands())
          if (auto parameter = operand.getDefiningOp<nn::ParameterOp>();
              parameter && parameter.isTrainable() &&
              parameter.getName() == assign.getName())
            return assign.getName().str();
  for (Value operand : op->getOperands())
    if (auto parameter = operand.getDefiningOp<nn::ParameterOp>();
        parameter && parameter.roleOrDefault() != "prepared")
      return layerOf(parameter.getName()).str();
  auto it = layers.find(lineOf(op->getLoc()));
  return it == layers.end() ? "" : it->second;
}

// "conv2d conv2 + relu + batch_stats norm2"
std::string KernelReport::nameOf(ArrayRef<Operation *> ops) const {
  std::string name, previous;
  for (Operation *op : ops) {
    std::string layer = label(op);
    name +=
        (name.empty() ? "" : " + ") + sourceName(op).split('.').second.str();
    if (!layer.empty() && layer != previous)
      name += " " + layer;
    previous = layer;
  }
  return name;
}

void KernelReport::add(ArrayRef<Operation *> ops, ArrayRef<Value> stored,
                       const nn::KernelRemarks &remarks, int64_t registers,
                       Block &lowered) {
  Builder b(ops.front()->getContext());
  llvm::SmallSetVector<Value, 8> read;
  SmallVector<Attribute> names, notes;
  int64_t macs = 0, lanes = 1, readBytes = 0, writtenBytes = 0;
  auto anchorAt = anchorOf(ops);
  bool anchored = anchorAt != ops.end();
  StringRef anchor = anchored ? sourceName(*anchorAt) : "";
  auto formulas = ops.take_front(anchored ? anchorAt - ops.begin() : 0);
  for (Operation *op : ops) {
    names.push_back(b.getStringAttr(sourceName(op)));
    if (auto cost = dyn_cast<nn::CostInterface>(op))
      macs += cost.getMacs();
    for (Value v : llvm::concat<Value>(SmallVector<Value>(op->getOperands()),
                                       SmallVector<Value>(op->getResults())))
      lanes = std::max(lanes, nn::lanesOf(v.getType()));
    for (Value operand : op->getOperands())
      if (!llvm::is_contained(ops, operand.getDefiningOp()))
        read.insert(operand);
    // A formula in the prologue has found its kernel.
    if (auto reason = op->getAttrOfType<StringAttr>(kUnfusedAttr);
        reason && !llvm::is_contained(formulas, op))
      notes.push_back(reason);
  }
  for (Value v : read)
    readBytes += bytesOf(v.getType());
  for (Value v : stored)
    writtenBytes += bytesOf(v.getType());
  if (readsAnotherKernel(ops))
    notes.push_back(
        b.getStringAttr("has a loop nest of its own: begins a kernel, and "
                        "reads what the one before stored"));
  if (std::string why = batchInVectors(ops, target.vectorBytes); !why.empty())
    notes.push_back(b.getStringAttr(why));
  for (const std::string &note : remarks.notes)
    notes.push_back(b.getStringAttr(note));
  Location line = lineOf((anchored ? *anchorAt : ops.front())->getLoc());
  std::string at;
  if (auto file = line->findInstanceOf<FileLineColLoc>())
    // Without its folder: the same graph gives the same artifact in every
    // folder.
    at = (llvm::sys::path::filename(file.getFilename().getValue()) + ":" +
          llvm::Twine(file.getLine()))
             .str();
  entries.push_back(nn::KernelReportAttr::get(
      b.getContext(), nameOf(ops), b.getArrayAttr(names), anchor, at, macs,
      readBytes, writtenBytes, lanes, registers, remarks.spillsAccepted,
      remarks.schedule, notes.empty() ? ArrayAttr() : b.getArrayAttr(notes)));
  claim(lowered);
}

void KernelReport::addCopy(StringRef destination, Type type, Block &lowered) {
  entries.push_back(nn::KernelReportAttr::get(
      lowered.getParentOp()->getContext(), ("copy to " + destination).str(),
      ArrayAttr(), "", "", /*macs=*/0, bytesOf(type), bytesOf(type),
      /*lanes=*/1, /*registers=*/0, /*spills_accepted=*/false, "",
      ArrayAttr()));
  claim(lowered);
}

SmallVector<nn::KernelReportAttr> reportsOf(func::FuncOp entry) {
  SmallVector<nn::KernelReportAttr> reports;
  if (auto all = entry->getAttrOfType<ArrayAttr>(kKernelsAttr))
    llvm::append_range(reports, all.getAsRange<nn::KernelReportAttr>());
  return reports;
}

ArrayRef<int64_t> kernelsOf(scf::ForallOp loop) {
  ArrayAttr mapping = loop.getMappingAttr();
  auto kernels = mapping && mapping.size() == 1
                     ? dyn_cast<nn::KernelAttr>(mapping[0])
                     : nn::KernelAttr();
  return kernels ? kernels.getIndices() : ArrayRef<int64_t>();
}

void joinKernels(scf::ForallOp into, scf::ForallOp from) {
  SmallVector<int64_t> all(kernelsOf(into));
  llvm::append_range(all, kernelsOf(from));
  if (!all.empty())
    into.setMappingAttr(ArrayAttr::get(
        into.getContext(), {nn::KernelAttr::get(into.getContext(), all)}));
}

// Everything added to the function since the last kernel belongs to this one.
void KernelReport::claim(Block &lowered) {
  MLIRContext *context = lowered.getParentOp()->getContext();
  Builder b(context);
  ArrayAttr mapping = b.getArrayAttr(
      nn::KernelAttr::get(context, {int64_t(entries.size()) - 1}));
  SmallVector<Operation *> run;
  SmallVector<SmallVector<Operation *>> runs;
  for (auto it = last ? std::next(last->getIterator()) : lowered.begin();
       it != lowered.end(); ++it) {
    if (auto loop = dyn_cast<scf::ForallOp>(*it)) {
      loop.setMappingAttr(mapping);
      runs.push_back(std::move(run));
      run.clear();
    } else if (!isView(&*it)) {
      run.push_back(&*it);
    }
  }
  runs.push_back(std::move(run));
  for (ArrayRef<Operation *> ops : runs)
    wrap(ops, mapping);
  last = lowered.empty() ? nullptr : &lowered.back();
}

} // namespace gradmill
