// A compiled model: code and manifest, from a shared object or linked into this
// program. Native code is trusted, like any library that a program loads.
#pragma once

#include "core/Error.h"
#include "core/Manifest.h"
#include "gradmill/artifact.h"

#include <memory>
#include <string>

namespace gradmill::rt {

class Artifact {
public:
  // Loads a shared object. Errors: artifact_not_found, bad_artifact,
  // artifact_version, bad_manifest, cpu_unsupported, cpu_unknown.
  static Result<std::shared_ptr<const Artifact>> open(const std::string &path);
  // Wraps one that is linked in; `raw` must outlive the result. `origin` names
  // it in messages.
  static Result<std::shared_ptr<const Artifact>>
  fromMemory(const gm_artifact *raw, const std::string &origin);

  ~Artifact();
  Artifact(const Artifact &) = delete;

  const Manifest &manifest() const { return parsed; }
  const char *manifestText() const { return raw->manifest; }
  // The code of a manifest entry; never null for one that the manifest lists.
  gm_entry_fn function(const std::string &entry) const;
  const void *data() const { return raw->data; }
  const std::string &origin() const { return source; }
  // For code for several CPUs, the chosen variant: the best that this machine
  // can run, or the one that GRADMILL_CPU names. Empty if there is no choice.
  const std::string &variant() const { return chosen; }

private:
  Artifact() = default;
  Status read(const gm_artifact *artifact, const std::string &origin);
  Status readOne(const gm_artifact *artifact);

  void *library = nullptr;
  const gm_artifact *raw = nullptr;
  std::string source, chosen;
  Manifest parsed;
};

} // namespace gradmill::rt
