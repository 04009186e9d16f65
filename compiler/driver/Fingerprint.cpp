#include "compiler/driver/Fingerprint.h"
#include "compiler/Version.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <elf.h>
#include <link.h>

using namespace mlir;

namespace gradmill {
namespace {

class Digest {
public:
  // With the length: "ab" and "c" must differ from "a" and "bc".
  Digest &add(StringRef bytes) {
    uint64_t size = bytes.size();
    hasher.update(
        StringRef(reinterpret_cast<const char *>(&size), sizeof(size)));
    hasher.update(bytes);
    return *this;
  }
  Digest &add(int64_t number) { return add(llvm::itostr(number)); }
  std::string finish() { return llvm::toHex(hasher.final(), true); }

private:
  llvm::BLAKE3 hasher;
};

// The printed form leaves out the values of large constants. They are added as
// bytes, which is faster than as text.
void addConstants(Digest &digest, Operation *op) {
  op->getAttrDictionary().walk([&](Attribute attribute) {
    if (auto dense = dyn_cast<DenseElementsAttr>(attribute)) {
      ArrayRef<char> bytes = dense.getRawData();
      digest.add(StringRef(bytes.data(), bytes.size()));
    } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute)) {
      if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
        digest.add(StringRef(blob->getData().data(), blob->getData().size()));
    }
  });
}

// Without the file's folder: the same graph gives the same artifact in every
// folder.
void addPlace(Digest &digest, Location loc) {
  loc->walk([&](Location l) {
    if (auto file = dyn_cast<FileLineColLoc>(l))
      digest.add(llvm::sys::path::filename(file.getFilename().getValue()))
          .add(file.getLine())
          .add(file.getColumn());
    else if (auto name = dyn_cast<NameLoc>(l))
      digest.add(name.getName().getValue());
    return WalkResult::advance();
  });
}

// The linker's build id of an object; empty if it has none.
std::string buildId(const dl_phdr_info &object) {
  for (int i = 0; i < object.dlpi_phnum; ++i) {
    const ElfW(Phdr) &segment = object.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE)
      continue;
    const auto *begin =
        reinterpret_cast<const char *>(object.dlpi_addr + segment.p_vaddr);
    uint64_t align = segment.p_align == 8 ? 8 : 4, at = 0;
    while (at + sizeof(ElfW(Nhdr)) <= segment.p_memsz) {
      const auto *note = reinterpret_cast<const ElfW(Nhdr) *>(begin + at);
      uint64_t name = at + sizeof(*note);
      uint64_t value = llvm::alignTo(name + note->n_namesz, align);
      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
          StringRef(begin + name, 3) == "GNU" &&
          value + note->n_descsz <= segment.p_memsz)
        return std::string(begin + value, note->n_descsz);
      at = llvm::alignTo(value + note->n_descsz, align);
    }
  }
  return "";
}

// This program and every library in it, each by its build id or its content.
std::string describeProcess() {
  std::string text;
  dl_iterate_phdr(
      [](dl_phdr_info *object, size_t, void *out) {
        StringRef path = object->dlpi_name;
        if (path.empty())
          path = "/proc/self/exe";
        if (!path.contains('/'))
          return 0; // the kernel's own, which changes with the kernel
        std::string id = buildId(*object);
        if (id.empty())
          if (auto file = llvm::MemoryBuffer::getFile(path, false, false, true))
            id = contentDigest((*file)->getBuffer());
        *static_cast<std::string *>(out) += id;
        return 0;
      },
      &text);
  return text;
}

// Every option. A new option does not compile until it is listed here.
void addOptions(Digest &digest, const CompileOptions &options) {
  const auto &[name, cpu, triple, symbol, machine, vectorBytes, plugins, pipeline,
               timing] = options;
  const auto &[train, infer, batch, entry, loss, metrics, optimizer, groups,
               transforms, passes, accumulate, ema, mixup, gradients, shape, steadyClock, rejected, fuse, rematerialize,
               maxMemory, mergeTasks, clocks, single, exactConv,
               uncheckedLoss, printAfter] = pipeline;
  for (const std::string *text :
       {&name, &cpu, &triple, &symbol, &machine, &entry, &loss, &metrics, &optimizer, &groups,
        &transforms, &passes, &gradients})
    digest.add(*text);
  for (const std::string &plugin : plugins)
    digest.add(plugin);
  digest.add(llvm::bit_cast<int64_t>(ema));
  for (int64_t number : {vectorBytes, batch.value_or(0), maxMemory, accumulate})
    digest.add(number);
  for (bool flag : {train, infer, fuse, rematerialize, mergeTasks, clocks,
                    single, exactConv, uncheckedLoss, mixup})
    digest.add(flag);
  // These are no part of the code (timing, printAfter), or belong to the target
  // and are computed while compiling.
  (void)timing, (void)printAfter, (void)shape, (void)steadyClock, (void)rejected;
}
} // namespace

std::string contentDigest(StringRef bytes) {
  return Digest().add(bytes).finish();
}

std::string graphFingerprint(ModuleOp module, StringRef entry) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(
      os, OpPrintingFlags().enableDebugInfo(false).elideLargeElementsAttrs());
  Digest digest;
  digest.add(entry).add(text);
  module.walk([&](Operation *op) { addConstants(digest, op); });
  return digest.finish();
}

std::string compilationDigest(ModuleOp module, const CompileOptions &options,
                              const Target &target) {
  Digest digest;
  digest.add(graphFingerprint(module, options.pipeline.entry));
  module.walk([&](Operation *op) { addPlace(digest, op->getLoc()); });
  addOptions(digest, options);
  digest.add(target.triple).add(target.cpu).add(target.features);
  digest.add(target.name).add(target.shape.vectorBytes);
  digest.add(GRADMILL_VERSION).add(describeProcess());
  return digest.finish();
}

std::string programDigest() { return contentDigest(describeProcess()); }

} // namespace gradmill
