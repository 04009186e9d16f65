#include "core/Artifact.h"

#include "core/Cpu.h"
#include "core/ManifestLimits.h"
#include "core/Text.h"
#include "files/SharedObject.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

namespace gradmill::rt {

static constexpr uint64_t kMaxEntries = 64;
// The fields of ABI 1; a newer compiler may append more.
static constexpr uint32_t kSizeOfAbi1 =
    offsetof(gm_artifact, data_size) + sizeof(uint64_t);

Artifact::~Artifact() {
  if (library)
    dlclose(library);
}

// The checks that need no manifest.
static Status checkTable(const gm_artifact *raw, const std::string &origin) {
  auto bad = [&](const char *code, const std::string &what) {
    return makeError(kBadInput, code,
                     {origin, ": ", what, "; compile the model again"});
  };
  if (!raw)
    return bad("bad_artifact", "no artifact");
  // The version first: it decides whether struct_size has the meaning that we
  // expect.
  if (raw->abi_version != GRADMILL_ARTIFACT_ABI)
    return bad("artifact_version", "artifact ABI " +
                                       std::to_string(raw->abi_version) +
                                       ", this runtime reads ABI " +
                                       std::to_string(GRADMILL_ARTIFACT_ABI));
  if (raw->struct_size < kSizeOfAbi1)
    return bad("bad_artifact",
               "artifact table of " + std::to_string(raw->struct_size) +
                   " bytes, expected at least " + std::to_string(kSizeOfAbi1));
  if (!raw->manifest || raw->manifest_size == 0 ||
      raw->manifest_size > kMaxManifest ||
      strnlen(raw->manifest, raw->manifest_size + 1) != raw->manifest_size)
    return bad("bad_manifest", "manifest missing or of the wrong size");
  if (raw->entry_count == 0 || raw->entry_count > kMaxEntries || !raw->entries)
    return bad("bad_artifact", "no entry points");
  if (!raw->data && raw->data_size)
    return bad("bad_artifact", "initial values missing");
  return ok;
}

Status Artifact::readOne(const gm_artifact *artifact) {
  if (Status error = checkTable(artifact, source))
    return error;
  raw = artifact;
  auto manifest = parseManifest({raw->manifest, raw->manifest_size},
                                raw->data_size, source);
  if (!manifest)
    return manifest.error();
  parsed = std::move(*manifest);
  for (const EntrySpec &entry : parsed.entries)
    if (!function(entry.name))
      return makeError(kBadInput, "bad_artifact",
                       {source, ": the manifest lists entry \"", entry.name,
                        "\" but the code lacks it; compile the model again"});
  return ok;
}

// Code with instructions that the CPU lacks would end the program with SIGILL.
Status Artifact::read(const gm_artifact *artifact, const std::string &origin) {
  source = origin;
  if (Status error = checkTable(artifact, source))
    return error;
  std::vector<const gm_artifact *> candidates{artifact};
  if (artifact->struct_size >= sizeof(gm_artifact) && artifact->variants &&
      artifact->variant_count <= kMaxEntries)
    candidates.insert(candidates.begin(), artifact->variants,
                      artifact->variants + artifact->variant_count);
  const char *wanted = std::getenv("GRADMILL_CPU");
  bool choice = candidates.size() > 1, named = choice && wanted && *wanted;
  std::string names, lacking;
  for (const gm_artifact *candidate : candidates) {
    if (Status error = readOne(candidate))
      return error;
    names += (names.empty() ? "" : ", ") + parsed.targetName;
    if (named && parsed.targetName != wanted)
      continue;
    lacking = cpuLacks(parsed.needs);
    if (lacking.empty()) {
      chosen = choice ? parsed.targetName : "";
      return ok;
    }
    if (named)
      break;
  }
  if (named && lacking.empty())
    return makeError(kUsage, "cpu_unknown",
                     {source, ": GRADMILL_CPU is \"", wanted,
                      "\", but there is code for ", names});
  return makeError(
      kBadInput, "cpu_unsupported",
      {source, ": compiled for ",
       (parsed.targetName.empty() ? parsed.cpu : parsed.targetName),
       ", and this machine lacks ", lacking,
       "; compile it here, or with --cpu all"});
}

gm_entry_fn Artifact::function(const std::string &entry) const {
  for (uint64_t i = 0; i < raw->entry_count; ++i)
    if (raw->entries[i].name && entry == raw->entries[i].name)
      return raw->entries[i].run;
  return nullptr;
}

Result<std::shared_ptr<const Artifact>>
Artifact::fromMemory(const gm_artifact *raw, const std::string &origin) {
  std::shared_ptr<Artifact> artifact(new Artifact);
  if (Status error = artifact->read(raw, origin))
    return *error;
  return std::shared_ptr<const Artifact>(artifact);
}

Result<std::shared_ptr<const Artifact>>
Artifact::open(const std::string &path) {
  if (access(path.c_str(), R_OK) != 0)
    return makeError(kIo, "artifact_not_found",
                     {path, ": ", std::strerror(errno)});
  if (std::string problem = sharedObjectProblem(path); !problem.empty())
    return makeError(kBadInput, "bad_artifact", {path, ": ", problem});
  std::shared_ptr<Artifact> artifact(new Artifact);
  // Without a slash dlopen would search the system's library path instead.
  std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  artifact->library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!artifact->library) {
    const char *reason = dlerror();
    return makeError(kBadInput, "bad_artifact",
                     {path, ": not a loadable compiled model: ",
                      (reason ? reason : "unknown reason")});
  }
  auto *raw = static_cast<const gm_artifact *>(
      dlsym(artifact->library, GRADMILL_ARTIFACT_SYMBOL));
  if (!raw)
    return Error{kBadInput, "bad_artifact",
                 path + ": exports no " GRADMILL_ARTIFACT_SYMBOL
                        "; it was not made by `gradmill compile`"};
  if (Status error = artifact->read(raw, path))
    return *error;
  return std::shared_ptr<const Artifact>(artifact);
}

} // namespace gradmill::rt
