// A kernel is a function, so a spill belongs to one kernel, or to several with
// equal code. These are lowered again for fewer registers, and compiled alone
// if their schedule changes.
//
// requires: the output of lower-kernels depends on nothing but the module and
// the options, so a kernel has the same number every time.
#include "compiler/driver/RejectSpills.h"
#include "compiler/Error.h"
#include "compiler/vector/KernelReport.h"
#include "llvm/Support/FormatVariadic.h"
#include <map>
#include <set>

using namespace mlir;

namespace gradmill {
namespace {

using Kernel = std::pair<std::string, int64_t>; // entry, index

Kernel keyOf(const TaskKernel &k) { return {k.entry, k.index}; }

// "train_task_3" of "gradmill_artifact.avx2.train_task_3".
StringRef taskOf(const Spill &spill) {
  auto [prefix, task] = StringRef(spill.function).rsplit('.');
  return task.empty() ? prefix : task;
}

struct Schedule {
  int64_t registers;
  std::string text;
  int64_t least = registers; // the fewest with which it is still this one
  unsigned stores = 0, loads = 0;
  unsigned spills() const { return stores + loads; }
};

constexpr int kRounds = 4;       // each with fewer registers
constexpr size_t kSchedules = 3; // compiled for each kernel

class Rejection {
public:
  Rejection(ModuleOp source, const CompileOptions &options,
            const Registry &registry, const Target &target)
      : source(source), options(options.pipeline), registry(registry),
        target(target) {}

  /// `spills` are those of the first compilation, whose functions are `tasks`.
  llvm::Expected<std::vector<RejectedSchedule>>
  run(ArrayRef<Spill> spills, const TaskKernels &tasks) {
    std::set<Kernel> suspects;
    for (const Spill &spill : spills)
      for (const TaskKernel &k : tasks.lookup(taskOf(spill))) {
        auto &known = tried[keyOf(k)];
        if (known.empty())
          known.push_back({k.registers, k.schedule});
        suspects.insert(keyOf(k));
      }
    count(spills, tasks);
    for (int round = 0; round < kRounds; ++round) {
      std::set<Kernel> spilling;
      options.rejected.clear();
      for (const Kernel &kernel : suspects) {
        auto &known = tried[kernel];
        if (known.empty() || known.size() == kSchedules ||
            !known.back().spills())
          continue;
        spilling.insert(kernel);
        options.rejected.push_back(
            {kernel.first, kernel.second, fewer(known.back().least), ""});
      }
      suspects = std::move(spilling);
      if (suspects.empty())
        break;
      if (llvm::Error error = attempt(suspects))
        return std::move(error);
    }
    std::vector<RejectedSchedule> rejected;
    for (auto &[kernel, schedules] : tried) {
      const Schedule *best = llvm::min_element(
          schedules, [](auto &a, auto &b) { return a.spills() < b.spills(); });
      if (best != schedules.begin())
        rejected.push_back({kernel.first, kernel.second, best->registers,
                            reason(schedules.front(), *best)});
    }
    return rejected;
  }

private:
  // First the registers that the target has, if the schedule counted on more.
  // Then a step so small that a tile loses a pixel and not half of its sums.
  int64_t fewer(int64_t registers) const {
    int64_t all = target.shape.registers;
    return registers > all ? all : std::max<int64_t>(4, registers - all / 8);
  }

  static std::string reason(const Schedule &first, const Schedule &best) {
    return llvm::formatv("rejected: {0}, which counts on {1} registers, and "
                         "keeps vectors in memory in an innermost loop ({2} "
                         "stores, {3} loads); this schedule counts on {4}",
                         first.text, first.registers, first.stores, first.loads,
                         best.registers)
        .str();
  }

  // The spills of the schedules that were compiled last.
  void count(ArrayRef<Spill> spills, const TaskKernels &tasks) {
    for (const Spill &spill : spills)
      if (spill.isCostly())
        for (const TaskKernel &k : tasks.lookup(taskOf(spill))) {
          Schedule &schedule = tried[keyOf(k)].back();
          schedule.stores = std::max(schedule.stores, spill.stores);
          schedule.loads = std::max(schedule.loads, spill.loads);
        }
  }

  // Lowers everything, then compiles only those `suspects` that have a new
  // schedule.
  llvm::Error attempt(const std::set<Kernel> &suspects) {
    OwningOpRef<ModuleOp> module(source.clone());
    if (failed(runStages(*module, options, registry, Stage::Graph,
                         Stage::Vector, timing)))
      return alreadyReported();
    TaskKernels tasks = kernelsOfTasks(*module), changed;
    std::set<Kernel> seen;
    for (auto function :
         llvm::make_early_inc_range(module->getOps<func::FuncOp>())) {
      auto &list = changed[function.getName()];
      if (function->hasAttr(kKernelAttr))
        for (const TaskKernel &k : tasks.lookup(function.getName()))
          if (suspects.count(keyOf(k)) && isNew(k, seen))
            list.push_back(k);
      if (list.empty())
        function.erase();
    }
    if (seen.empty())
      return llvm::Error::success();
    if (failed(runStages(*module, options, registry, Stage::LLVM, Stage::LLVM,
                         timing)))
      return alreadyReported();
    auto code = emitObjects(*module, target, {"{}", {}, "", {}, kArtifactSymbol.str()}, timing);
    if (!code)
      return code.takeError();
    count(code->spills, changed);
    return llvm::Error::success();
  }

  // Whether the kernel has another schedule than before. A kernel's code may be
  // several functions; one of them packs its filter, for example.
  bool isNew(const TaskKernel &k, std::set<Kernel> &seen) {
    auto &known = tried[keyOf(k)];
    if (seen.count(keyOf(k)))
      return true;
    if (known.back().text == k.schedule) {
      known.back().least = k.registers;
      return false;
    }
    known.push_back({k.registers, k.schedule});
    seen.insert(keyOf(k));
    return true;
  }

  ModuleOp source;
  PipelineOptions options;
  const Registry &registry;
  const Target &target;
  TimingScope timing; // discarded: no report shows attempts
  std::map<Kernel, SmallVector<Schedule, 3>> tried; // in order
};

} // namespace

TaskKernels kernelsOfTasks(ModuleOp module) {
  TaskKernels tasks;
  auto bytes = [](nn::KernelReportAttr kernel) {
    return double(kernel.getBytesRead()) + double(kernel.getBytesWritten());
  };
  for (auto func : module.getOps<func::FuncOp>()) {
    SmallVector<nn::KernelReportAttr> kernels = reportsOf(func);
    double allMacs = 1, allBytes = 1;
    for (nn::KernelReportAttr kernel : kernels) {
      allMacs += kernel.getMacs();
      allBytes += bytes(kernel);
    }
    auto add = [&](std::vector<TaskKernel> &list, ArrayRef<int64_t> indices) {
      for (int64_t index : indices) {
        nn::KernelReportAttr kernel = kernels[index];
        list.push_back({func.getName().str(), index, kernel.getName().str(),
                        kernel.getSchedule().str(), kernel.getRegisters(),
                        kernel.getSpillsAccepted(),
                        std::max(kernel.getMacs() / allMacs,
                                 bytes(kernel) / allBytes)});
      }
    };
    if (kernels.empty())
      continue;
    for (auto [i, loop] :
         llvm::enumerate(func.front().getOps<scf::ForallOp>())) {
      llvm::SmallSetVector<int64_t, 4> inTask; // what is not a function
      inTask.insert_range(kernelsOf(loop));
      loop.walk([&](func::CallOp call) {
        auto of = call->getAttrOfType<IntegerAttr>(kOfAttr);
        if (!of)
          return;
        add(tasks[call.getCallee()], of.getInt());
        inTask.remove(of.getInt());
      });
      add(tasks[(func.getName() + "_task_" + llvm::Twine(i)).str()],
          inTask.getArrayRef());
    }
  }
  return tasks;
}

void nameSpills(std::vector<Spill> &spills, const TaskKernels &tasks) {
  for (Spill &spill : spills) {
    spill.share = 0;
    std::map<std::string, double> shares; // of each entry
    for (const TaskKernel &k : tasks.lookup(taskOf(spill))) {
      if (!llvm::is_contained(spill.kernels, k.name))
        spill.kernels.push_back(k.name);
      spill.accepted |= k.spillsAccepted;
      spill.share = std::max(spill.share, shares[k.entry] += k.share);
    }
  }
}

llvm::Expected<std::vector<RejectedSchedule>>
rejectSpills(ModuleOp source, const CompileOptions &options,
             const Registry &registry, const Target &target,
             ArrayRef<Spill> spills, const TaskKernels &tasks) {
  std::vector<Spill> costly;
  for (const Spill &spill : spills)
    if (spill.isCostly())
      costly.push_back(spill);
  if (costly.empty())
    return std::vector<RejectedSchedule>();
  return Rejection(source, options, registry, target).run(costly, tasks);
}

} // namespace gradmill
