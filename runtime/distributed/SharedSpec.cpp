#include "distributed/SharedSpec.h"

#include "core/JsonFields.h"
#include "core/Text.h"

#include <algorithm>

namespace gradmill::rt {

uint64_t SharedSpec::bytes() const {
  uint64_t sum = 0;
  for (const ExchangeSpec &exchange : exchanges)
    sum += exchange.bytes;
  return sum;
}

Status checkRanks(const SharedSpec &shared, const EntrySpec &entry, int ranks) {
  // Of a loop that is in more pieces than this, tasks take several groups.
  constexpr int64_t most = 32;
  int64_t chunks = std::max<int64_t>(shared.chunks, 1);
  if (chunks >= ranks)
    return ok;
  auto tooMany = [&](Pieces more) {
    return makeError(kUsage, "too_many_ranks",
                     {ranks, " ranks, but a batch of ", entry.batch,
                      " is work for ", chunks, join(more)});
  };
  if (ranks > most)
    return tooMany({", and any batch for at most ", most, ": start fewer ranks"});
  if (!shared.chunks)
    return tooMany({": start fewer ranks, or compile for a larger --batch, of "
                    "several groups of samples: 16 each with AVX-512, 8 with "
                    "AVX2, 4 otherwise"});
  // A group has as many samples as a vector has lanes, a power of two. Only the
  // last one may be smaller.
  int64_t group = 1;
  while ((entry.batch + group - 1) / group > chunks)
    group *= 2;
  return tooMany(
      {": start fewer ranks, or compile for a --batch of at least ",
       group * (ranks - 1) + 1});
}

// Exchanges stay within their buffers and the entry's calls, and their units are
// all of their bytes. Sums are of whole units of floats. (The compiler exchanges
// no tensors of the model, which have no size here.)
static bool isSafe(const ExchangeSpec &exchange, const EntrySpec &entry) {
  if (exchange.buffer >= entry.buffers.size())
    return false;
  const BufferSpec &buffer = entry.buffers[exchange.buffer];
  uint64_t size = buffer.kind == BufferSpec::Kind::Arena ? entry.arenaBytes
                                                         : buffer.bytes;
  uint64_t unit = exchange.unitBytes;
  std::optional<uint64_t> units = checkedMul(unit, exchange.units);
  if (!units || *units < exchange.bytes || unit > exchange.bytes)
    return false;
  if (exchange.isSum && (*units != exchange.bytes || unit % sizeof(float)))
    return false;
  return exchange.offset <= size && exchange.bytes <= size - exchange.offset &&
         exchange.after < exchange.before &&
         exchange.before <= int64_t(entry.calls.size());
}

static void read(const Json &json, const EntrySpec &entry, SharedSpec &shared,
                 std::string &problem) {
  JsonFields fields(json, "shared", problem);
  shared.chunks = fields.integer("chunks", 1, 1 << 20);
  auto list = [&](const char *key, int64_t limit) {
    const Json *value = fields.get(key);
    return value ? JsonFields::integersOf(*value, 0, limit, fields.at(key), problem)
                 : std::vector<int64_t>();
  };
  shared.own = list("own", int64_t(entry.calls.size()) - 1);
  std::vector<int64_t> samples = list("samples", INT32_MAX),
                       n = list("exchanges", INT64_MAX);
  if (samples.size() != 2 || n.size() % 8)
    return fields.fail("exchanges", "or samples has too few numbers");
  shared.unitSamples = samples[0];
  shared.units = samples[1];
  for (size_t i = 0; i < n.size(); i += 8) {
    shared.exchanges.push_back({n[i], n[i + 1], size_t(n[i + 2]),
                                uint64_t(n[i + 3]), uint64_t(n[i + 4]),
                                uint64_t(n[i + 5]), uint64_t(n[i + 6]),
                                n[i + 7] != 0});
    if (!isSafe(shared.exchanges.back(), entry))
      return fields.fail("exchanges", "do not fit the arena, their units or the calls");
  }
}

static std::string problemOf(const Json &manifest, const EntrySpec &entry,
                             SharedSpec &shared) {
  const Json *entries = manifest.find("entries");
  const Json *fields = entries ? entries->find(entry.name) : nullptr;
  std::string problem;
  if (const Json *found = fields ? fields->find("shared") : nullptr)
    read(*found, entry, shared, problem);
  return problem.empty() ? problem : "entries." + entry.name + "." + problem;
}

std::string sharedProblem(const char *manifest, const Manifest &entries) {
  const Json root = parseJson(manifest);
  for (const EntrySpec &entry : entries.entries) {
    SharedSpec shared;
    std::string problem = problemOf(root, entry, shared);
    if (!problem.empty())
      return problem;
  }
  return {};
}

Result<SharedSpec> readShared(const char *manifest, const EntrySpec &entry) {
  SharedSpec shared;
  std::string problem = problemOf(parseJson(manifest), entry, shared);
  if (problem.empty())
    return shared;
  return makeError(kBadInput, "bad_manifest",
                   {"manifest: ", problem,
                    "; the file is damaged or was written by an incompatible "
                    "compiler: compile the model again"});
}

} // namespace gradmill::rt
