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
  if (ranks > most || !shared.chunks)
    return makeError(kUsage, "too_many_ranks",
                     {ranks, " ranks, but a batch of ", entry.batch,
                      " is work for ", chunks, ", and any batch for at most ",
                      most, ": start fewer ranks"});
  return makeError(
      kUsage, "too_many_ranks",
      {ranks, " ranks, but a batch of ", entry.batch, " is work for ",
       chunks, ": start fewer ranks, or compile for a --batch of at least ",
       (entry.batch * ranks + chunks - 1) / chunks});
}

// Exchanges stay within their buffers and the entry's calls. (The compiler
// exchanges no tensors of the model, which have no size here.)
static bool isSafe(const ExchangeSpec &exchange, const EntrySpec &entry) {
  if (exchange.buffer >= entry.buffers.size())
    return false;
  const BufferSpec &buffer = entry.buffers[exchange.buffer];
  uint64_t size = buffer.kind == BufferSpec::Kind::Arena ? entry.arenaBytes
                                                         : buffer.bytes;
  return exchange.offset <= size && exchange.bytes <= size - exchange.offset &&
         exchange.after < exchange.before &&
         exchange.before <= int64_t(entry.calls.size()) &&
         checkedMul(exchange.unitBytes, exchange.units);
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
      return fields.fail("exchanges", "reach past the arena or the calls");
  }
}

Result<SharedSpec> readShared(const char *manifest, const EntrySpec &entry) {
  const Json root = parseJson(manifest);
  const Json *entries = root.find("entries");
  const Json *fields = entries ? entries->find(entry.name) : nullptr;
  SharedSpec shared;
  std::string problem;
  if (const Json *found = fields ? fields->find("shared") : nullptr)
    read(*found, entry, shared, problem);
  if (problem.empty())
    return shared;
  return makeError(kBadInput, "bad_manifest",
                   {"manifest: entries.", entry.name, ".", problem,
                    "; the file is damaged or was written by an incompatible "
                    "compiler: compile the model again"});
}

} // namespace gradmill::rt
