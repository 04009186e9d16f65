#include "compiler/codegen/Target.h"
#include "compiler/Error.h"
#include "core/Nearest.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include <cstdlib>

using namespace mlir;

namespace gradmill {

std::string Target::describe() const {
  return cpu + ", " + std::to_string(shape.vectorBytes * 8) + "-bit vectors";
}

static const llvm::Target *lookup(const std::string &triple,
                                  std::string &error) {
  static bool once = [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    llvm::InitializeAllAsmParsers();
    return true;
  }();
  (void)once;
  return llvm::TargetRegistry::lookupTarget(llvm::Triple(triple), error);
}

// The targets of an architecture: its own, or else those for any.
static std::vector<const TargetKind *> kindsFor(const llvm::Triple &triple,
                                                const Registry &registry) {
  std::vector<const TargetKind *> own, any;
  for (const TargetKind &kind : registry.targets())
    if (kind.architecture.empty())
      any.push_back(&kind);
    else if (kind.architecture == triple.getArchName())
      own.push_back(&kind);
  return own.empty() ? any : own;
}

// The machine of the target whose features are present. Of equal widths the last
// one counts: a plugin's is more special than ours.
static llvm::Expected<TargetShape>
shapeOf(const std::vector<const TargetKind *> &kinds,
        const llvm::MCSubtargetInfo &subtarget) {
  const TargetKind *best = nullptr;
  for (const TargetKind *kind : kinds)
    if (kind->chosenBy &&
        (kind->chosenBy->empty() || subtarget.checkFeatures(*kind->chosenBy)) &&
        (!best || kind->machine.vectorBytes >= best->machine.vectorBytes))
      best = kind;
  if (!best)
    return fail("[target] no target is for \"" + subtarget.getTargetTriple().str() +
                "\"; load the plugin that brings one");
  return best->machine;
}

// What is wrong with a target, which a plugin may have brought; "" if nothing.
static std::string problemOf(const TargetKind &kind,
                             const llvm::MCSubtargetInfo &plain) {
  const nn::Machine &m = kind.machine;
  if (!llvm::isPowerOf2_64(uint64_t(m.vectorBytes)) || m.vectorBytes < 8 ||
      m.vectorBytes > 256)
    return "its vectors have " + std::to_string(m.vectorBytes) +
           " bytes, expected a power of 2 from 8 to 256";
  if (m.registers < 8 || m.registers > 256)
    return "it has " + std::to_string(m.registers) +
           " vector registers, expected 8 to 256";
  if (!(m.multiplyAdds > 0) || !(m.loads > 0) || m.latency < 1 ||
      m.l1Bytes < 1024 || m.l2Bytes < m.l1Bytes)
    return "a rate, a latency or a cache of its machine is too small";
  if (!plain.isCPUStringValid(kind.cpu))
    return "LLVM knows no cpu \"" + kind.cpu + "\"";
  SmallVector<StringRef> features;
  StringRef(kind.features).split(features, ',', -1, /*KeepEmpty=*/false);
  for (StringRef feature : features)
    if (!(feature.starts_with("+") || feature.starts_with("-")) ||
        llvm::none_of(plain.getAllProcessorFeatures(),
                      [&](const llvm::SubtargetFeatureKV &known) {
                        return feature.drop_front() == known.Key;
                      }))
      return "LLVM knows no feature \"" + feature.str() + "\"";
  return "";
}

// Only features that generated code may use: it never selects cryptography and
// the like.
static std::vector<std::string>
needsOf(const llvm::Triple &triple, const llvm::MCSubtargetInfo &subtarget) {
  static const char *const x86[] = {"sse3",         "ssse3",
                                    "sse4.1",       "sse4.2",
                                    "popcnt",       "avx",
                                    "f16c",         "fma",
                                    "avx2",         "bmi",
                                    "bmi2",         "lzcnt",
                                    "movbe",        "avx512f",
                                    "avx512cd",     "avx512dq",
                                    "avx512bw",     "avx512vl",
                                    "avx512vbmi",   "avx512vbmi2",
                                    "avx512bitalg", "avx512vpopcntdq",
                                    "avx512ifma",   "avx512vnni"};
  static const char *const arm[] = {"fullfp16", "dotprod", "lse", "sve"};
  std::vector<std::string> needs;
  for (const char *feature :
       triple.isX86() ? ArrayRef(x86) : ArrayRef<const char *>())
    if (subtarget.checkFeatures(std::string("+") + feature))
      needs.push_back(feature);
  for (const char *feature :
       triple.isAArch64() ? ArrayRef(arm) : ArrayRef<const char *>())
    if (subtarget.checkFeatures(std::string("+") + feature))
      needs.push_back(feature);
  return needs;
}

// The targets of Gradmill: the artifact's descriptor and addresses are 64-bit,
// the objects ELF, numbers little-endian. LLVM's other targets (GPUs, 32 bits)
// would fail in its code generator.
static llvm::Error checkTriple(const llvm::Triple &triple) {
  switch (triple.getArch()) {
  case llvm::Triple::x86_64:
  case llvm::Triple::aarch64:
  case llvm::Triple::loongarch64:
  case llvm::Triple::ppc64le:
  case llvm::Triple::riscv64:
    if (triple.isOSBinFormatELF() && !triple.isX32())
      return llvm::Error::success();
    break;
  default:
    break;
  }
  return fail("[target] there is no code for \"" + triple.str() +
              "\"; use a 64-bit Linux, such as aarch64-linux-gnu");
}

// The nearest name of a CPU, as ", did you mean X?", or "".
static std::string hint(StringRef cpu,
                        const std::vector<const TargetKind *> &kinds,
                        const llvm::MCSubtargetInfo &plain) {
  std::vector<std::string> known{"native", "all"};
  for (const TargetKind *kind : kinds)
    known.push_back(kind->name);
  for (const llvm::SubtargetSubTypeKV &processor :
       plain.getAllProcessorDescriptions())
    known.push_back(processor.Key);
  std::string best = rt::nearest(cpu.lower(), known);
  return best.empty() ? "" : "; did you mean " + best + "?";
}

bool isForeign(StringRef triple) {
  return llvm::Triple(triple).getArch() !=
         llvm::Triple(llvm::sys::getDefaultTargetTriple()).getArch();
}

llvm::Expected<Target> resolveTarget(StringRef cpu, const Registry &registry,
                                     StringRef wanted) {
  Target target;
  target.triple = wanted.empty() ? llvm::sys::getDefaultTargetTriple()
                                 : llvm::Triple::normalize(wanted);
  llvm::Triple triple(target.triple);
  if (llvm::Error error = checkTriple(triple))
    return error;
  bool foreign = isForeign(target.triple);
  std::string error;
  const llvm::Target *llvmTarget = lookup(target.triple, error);
  if (!llvmTarget)
    return fail("[target] " + error);
  const char *pretended = std::getenv("GRADMILL_CPU");
  if (cpu == "native" && !foreign && pretended && *pretended)
    cpu = pretended; // as artifacts for several CPUs do
  else
    pretended = nullptr;
  std::vector<const TargetKind *> kinds = kindsFor(triple, registry);
  auto named = llvm::find_if(
      kinds, [&](const TargetKind *kind) { return cpu == kind->name; });
  target.name = cpu.str();
  if (named != kinds.end()) {
    target.cpu = (*named)->cpu;
    target.features = (*named)->features;
  } else if (cpu == "native" && foreign) {
    target.cpu = target.name = "generic";
  } else if (cpu == "native") {
    target.cpu = target.name = llvm::sys::getHostCPUName().str();
    // A virtual machine may hide features that the CPU's name implies, so ask
    // for each feature.
    llvm::SubtargetFeatures features;
    for (auto &feature : llvm::sys::getHostCPUFeatures())
      features.AddFeature(feature.first(), feature.second);
    target.features = features.getString();
  } else {
    target.cpu = cpu.str();
  }
  // Ask a subtarget without a CPU first. Otherwise LLVM prints warnings of its
  // own.
  std::unique_ptr<llvm::MCSubtargetInfo> plain(
      llvmTarget->createMCSubtargetInfo(triple, "", ""));
  if (plain && named != kinds.end())
    if (std::string problem = problemOf(**named, *plain); !problem.empty())
      return fail("[target_kind] the target \"" + cpu + "\" of \"" +
                  registry.originOf("target", cpu) +
                  "\" cannot be used: " + problem);
  if (!plain || !plain->isCPUStringValid(target.cpu))
    return fail(
        "[unknown_cpu] there is no cpu \"" + cpu + "\"" +
        (foreign ? " for " + target.triple : "") +
        (pretended ? ", which GRADMILL_CPU names" : "") +
        "; use native, " +
        llvm::join(llvm::map_range(kinds,
                                   [](const TargetKind *kind) {
                                     return kind->name;
                                   }),
                   ", ") +
        ", or a name that LLVM knows" + (plain ? hint(cpu, kinds, *plain) : ""));
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      llvmTarget->createMCSubtargetInfo(triple, target.cpu, target.features));
  // LLVM also lists i386 and the like for x86-64.
  if (triple.isX86() && !subtarget->checkFeatures("+64bit,+sse2"))
    return fail("[unknown_cpu] the cpu \"" + cpu +
                "\" has no 64-bit mode, for which code is made; use x86-64 "
                "for every one that has");
  if (named != kinds.end()) {
    target.shape = (*named)->machine;
  } else {
    auto shape = shapeOf(kinds, *subtarget);
    if (!shape)
      return shape.takeError();
    target.shape = *shape;
  }
  target.needs = needsOf(triple, *subtarget);
  return target;
}

llvm::Expected<std::vector<Target>> resolveTargets(StringRef cpus,
                                                   const Registry &registry,
                                                   StringRef triple) {
  SmallVector<StringRef> names;
  if (cpus == "all") {
    llvm::Triple machine(triple.empty() ? llvm::sys::getDefaultTargetTriple()
                                        : llvm::Triple::normalize(triple));
    for (const TargetKind *kind : kindsFor(machine, registry))
      if (kind->inAll)
        names.push_back(kind->name);
  } else {
    cpus.split(names, ',');
  }
  std::vector<Target> targets;
  for (StringRef name : names) {
    auto target = resolveTarget(name.trim(), registry, triple);
    if (!target)
      return target.takeError();
    if (llvm::none_of(targets,
                      [&](const Target &t) { return t.name == target->name; }))
      targets.push_back(std::move(*target));
  }
  llvm::sort(targets, [](const Target &a, const Target &b) {
    return std::tuple(b.shape.vectorBytes, b.needs.size(), a.name) <
           std::tuple(a.shape.vectorBytes, a.needs.size(), b.name);
  });
  return targets;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const Target &target) {
  std::string error;
  const llvm::Target *llvmTarget = lookup(target.triple, error);
  if (!llvmTarget)
    return fail("[target] " + error);
  llvm::TargetOptions options;
  std::unique_ptr<llvm::TargetMachine> machine(llvmTarget->createTargetMachine(
      llvm::Triple(target.triple), target.cpu, target.features, options,
      llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return fail("[target] LLVM has no code generator for " + target.triple);
  return machine;
}

} // namespace gradmill
