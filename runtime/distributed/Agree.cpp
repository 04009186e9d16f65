#include "distributed/Agree.h"

#include "core/Text.h"

#include <algorithm>
#include <cstring>

namespace gradmill::rt {
namespace {

// What a rank tells: its error, and its facts.
struct Record {
  int32_t exit;
  char code[60], error[1984];
  char facts[10][600];
};

template <size_t N> void put(char (&field)[N], const std::string &text) {
  std::memcpy(field, text.data(), std::min(text.size(), N - 1));
}

Status errorOf(const std::vector<Record> &records) {
  const Record *failed = nullptr;
  std::string others;
  for (const Record &record : records) {
    if (!record.exit)
      continue;
    std::string rank = std::to_string(&record - records.data());
    if (!failed)
      failed = &record;
    else if (std::strcmp(failed->error, record.error))
      others += "; rank " + rank + ": " + record.error;
  }
  if (!failed)
    return ok;
  bool isShared = std::all_of(records.begin(), records.end(),
                              [](const Record &record) { return record.exit; }) &&
                  others.empty();
  std::string rank = std::to_string(failed - records.data());
  return Error{ExitCode(failed->exit), failed->code,
               (isShared ? "" : "rank " + rank + ": ") +
                   std::string(failed->error) + others};
}

} // namespace

Status agree(Ranks &ranks, const Status &own, const Facts &facts) {
  std::vector<Record> records(size_t(ranks.size()), Record());
  Record &mine = records[size_t(ranks.rank())];
  if (own) {
    mine.exit = own->exit;
    put(mine.code, own->code);
    put(mine.error, own->message);
  }
  for (size_t i = 0; i < facts.size(); ++i)
    put(mine.facts[i], facts[i].second);
  ranks.gather(records.data(), sizeof(Record));
  if (Status error = errorOf(records))
    return error;
  std::string differences;
  for (size_t i = 0; i < facts.size(); ++i)
    for (const Record &record : records)
      if (std::strcmp(record.facts[i], records[0].facts[i]))
        differences += join({differences.empty() ? "" : "; ", facts[i].first,
                             ": rank ", &record - records.data(), " has ",
                             record.facts[i], ", rank 0 ", records[0].facts[i]});
  if (differences.empty())
    return ok;
  return makeError(kUsage, "ranks_differ",
                   {"the ranks are not about to train the same: ", differences,
                    "; give all of them the same files and options"});
}

} // namespace gradmill::rt
