// Before the first step: whether all ranks are able to train, and about to train
// the same.
#include "core/Text.h"
#include "distributed/Job.h"

#include <cstring>
#include <string>
#include <vector>

namespace gradmill::rt {
namespace {

// What a rank tells: its error, and its facts.
struct Record {
  int32_t exit;
  char code[60], error[1984], facts[8][768];
};

void put(char *field, size_t size, const char *text) {
  std::strncpy(field, text, size - 1);
}

Status errorOf(const std::vector<Record> &records) {
  const Record *failed = nullptr;
  bool isShared = true;
  std::string text;
  for (const Record &record : records) {
    isShared &= record.exit && !std::strcmp(record.error, records[0].error);
    if (!record.exit)
      continue;
    text += join({failed ? "; " : "", "rank ", &record - records.data(), ": ",
                  record.error});
    failed = failed ? failed : &record;
  }
  if (!failed)
    return ok;
  return Error{ExitCode(failed->exit), failed->code,
               isShared ? failed->error : text};
}

} // namespace

Status Job::agree(const Status &own, std::initializer_list<Fact> facts) {
  std::vector<Record> records(static_cast<size_t>(size), Record());
  Record &mine = records[size_t(rank)];
  if (own) {
    mine.exit = own->exit;
    put(mine.code, sizeof mine.code, own->code.c_str());
    put(mine.error, sizeof mine.error, own->message.c_str());
  }
  size_t i = 0;
  for (const Fact &fact : facts)
    put(mine.facts[i++], sizeof mine.facts[0], fact.value);
  std::vector<uint64_t> begins;
  for (int i = 0; i <= size; ++i)
    begins.push_back(uint64_t(i) * sizeof(Record));
  gather(records.data(), begins.data());
  if (Status error = errorOf(records))
    return error;
  std::string differences;
  for (i = 0; i < facts.size(); ++i)
    for (const Record &record : records)
      if (std::strcmp(record.facts[i], records[0].facts[i]))
        differences += join({differences.empty() ? "" : "; ",
                             facts.begin()[i].name, ": rank ",
                             &record - records.data(), " has ", record.facts[i],
                             ", rank 0 ", records[0].facts[i]});
  if (differences.empty())
    return ok;
  return makeError(kUsage, "ranks_differ",
                   {"the ranks are not about to train the same: ", differences,
                    "; give all of them the same files and options"});
}

} // namespace gradmill::rt
