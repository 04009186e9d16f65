#include "report/Terminal.h"
#include "tools/CommandLine.h"
#include "tools/Commands.h"

#include <cstdio>

namespace gradmill::rt {

static void printTensors(const Manifest &manifest) {
  std::printf("tensors\n");
  for (const TensorSpec &tensor : manifest.tensors)
    std::printf("  %-32s %-9s %s %s\n", printable(tensor.name).c_str(),
                roleName(tensor.role), dtypeName(tensor.dtype),
                shapeText(tensor.shape).c_str());
}

int runInfo(const Artifact &artifact, const InfoOptions &options) {
  const Manifest &m = artifact.manifest();
  if (options.json) {
    std::printf("%s\n", artifact.manifestText());
    return finishOutput(kOk);
  }
  std::printf("model       %s\n", printable(m.name).c_str());
  std::printf("parameters  %lld\n", (long long)m.parameters);
  for (const PortSpec &port : m.ports)
    std::printf("%-11s %s %s%s\n", portRoleName(port.role),
                printable(port.name).c_str(), portText(port).c_str(),
                port.classes
                    ? (" of " + std::to_string(port.classes) + " classes").c_str()
                    : "");
  if (!m.loss.empty())
    std::printf("loss        %s\n", printable(m.loss).c_str());
  if (!m.optimizer.empty())
    std::printf("optimizer   %s\n", m.optimizerText.c_str());
  std::printf("target      %s %s (vectors of %lld bytes)\n", m.triple.c_str(),
              m.cpu.c_str(), (long long)m.vectorBytes);
  if (!artifact.variant().empty())
    std::printf("chosen      %s, for this machine\n",
                artifact.variant().c_str());
  std::printf("compiler    %s\n", m.compiler.c_str());
  for (const EntrySpec &entry : m.entries)
    std::printf("entry       %s: batch %lld, arena %.1f KiB\n",
                entry.name.c_str(), (long long)entry.batch,
                double(entry.arenaBytes) / 1024);
  if (options.tensors)
    printTensors(m);
  return finishOutput(kOk);
}

} // namespace gradmill::rt
