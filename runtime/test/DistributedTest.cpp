// Several processes: what they exchange, what they agree on, how a job ends.
#include "Testing.h"
#include "distributed/Processes.h"
#include "distributed/SharedSpec.h"

#include <csignal>
#include <cstring>
#include <numeric>
#include <unistd.h>

using namespace gradmill::rt;

// The exit status of a job; a rank fails by returning another one than 0.
static int job(int ranks, const std::function<int(Job &)> &work) {
  auto code = runProcesses(ranks, 1 << 16, "start again", work);
  return code ? *code : -1;
}

TEST(Distributed, RanksExchangeRowsOfAnyLength) {
  EXPECT_EQ(0, job(3, [](Job &ranks) {
              // Several are open at once, and they end in another order.
              std::vector<int> first(10, -1), second(7, -1);
              std::vector<uint64_t> a = {0, 4, 4, 40}, b = {0, 8, 20, 28};
              for (int round = 0; round < 3000; ++round) {
                auto fill = [&](std::vector<int> &values,
                                const std::vector<uint64_t> &begins) {
                  auto own = size_t(ranks.rank);
                  std::fill(values.begin(), values.end(), -1);
                  for (uint64_t i = begins[own] / 4; i < begins[own + 1] / 4; ++i)
                    values[i] = round + int(i);
                };
                fill(first, a), fill(second, b);
                void *one = ranks.start(first.data(), a.data());
                void *two = ranks.start(second.data(), b.data());
                ranks.wait(two), ranks.wait(one);
                for (auto *values : {&first, &second})
                  for (size_t i = 0; i < values->size(); ++i)
                    if ((*values)[i] != round + int(i))
                      return 1;
              }
              return 0;
            }));
}

TEST(Distributed, RanksAddUp) {
  EXPECT_EQ(0, job(4, [](Job &ranks) {
              std::vector<float> values(100);
              for (size_t i = 0; i < values.size(); ++i)
                values[i] = float(i) * float(ranks.rank + 1);
              ranks.wait(ranks.startSum(values.data(), values.size()));
              for (size_t i = 0; i < values.size(); ++i)
                if (values[i] != float(i) * 10)
                  return 1;
              return ranks.any(ranks.rank == 2) && !ranks.any(false) ? 0 : 1;
            }));
}

TEST(Distributed, AllDifferencesAreListed) {
  EXPECT_EQ(0, job(3, [](Job &ranks) {
              bool odd = ranks.rank == 1, last = ranks.rank == 2;
              Status error = ranks.agree(ok,
                                         {{"data", odd ? "other" : "same"},
                                    {"options", "equal"},
                                    {"version", last ? "new" : "old"}});
              return error && error->code == "ranks_differ" &&
                             error->message.find(
                                 "data: rank 1 has other, rank 0 same; version: "
                                 "rank 2 has new, rank 0 old") !=
                                 std::string::npos
                         ? 0
                         : 1;
            }));
}

TEST(Distributed, AnErrorOfOneRankIsAnErrorOfAll) {
  EXPECT_EQ(0, job(3, [](Job &ranks) {
              Status own;
              if (ranks.rank)
                own = Error{kBadInput, "no_file", "no such file"};
              Status error = ranks.agree(own, {});
              return error && error->code == "no_file" &&
                             error->message == "rank 1: no such file; "
                                               "rank 2: no such file"
                         ? 0
                         : 1;
            }));
  EXPECT_EQ(0, job(2, [](Job &ranks) {
              Status error =
                  ranks.agree(Error{kBadInput, "no_file", "none"}, {});
              return error->message == "none" ? 0 : 1;
            }));
}

TEST(Distributed, ADeadRankEndsTheJob) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(int(kFailure), job(3, [](Job &ranks) {
              if (ranks.rank == 1)
                raise(SIGKILL);
              while (true) // for ever, without the one that died
                ranks.any(false);
              return 0;
            }));
  std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(std::string::npos,
            text.find("error[rank_died]: rank 1 of 3 was ended by signal 9"))
      << text;
}

TEST(Distributed, NumbersOfProcessesAreChecked) {
  EXPECT_EQ(4, *processesOf("processes:4"));
  for (const char *bad : {"mpi", "processes:", "processes:0", "processes:4x",
                          "processes:-1", "processes:99999"})
    EXPECT_FALSE(processesOf(bad)) << bad;
}

// What the loader says to an exchange of [after, before, buffer, offset, bytes,
// bytes of a unit, units, sum] in an arena of 100 bytes and 4 calls.
static std::string problemOfExchange(const std::string &exchange) {
  EntrySpec entry;
  entry.name = "train";
  entry.arenaBytes = 100;
  entry.buffers.emplace_back();
  entry.calls.resize(4);
  Manifest manifest;
  manifest.entries.push_back(entry);
  std::string text = R"({"entries": {"train": {"shared": {"chunks": 4, "own": [0], )"
                     R"("samples": [0, 0], "exchanges": [)" +
                     exchange + "]}}}}";
  return sharedProblem(text.c_str(), manifest);
}

TEST(Distributed, ExchangesStayWithinTheirBuffers) {
  EXPECT_EQ("", problemOfExchange("0,1,0,20,80,24,4,0")); // the last one is short
  EXPECT_EQ("", problemOfExchange("0,4,0,0,96,24,4,1"));
  for (const char *wrong : {
           "0,1,0,24,80,24,4,0",     // past the arena
           "0,1,0,0,80,24,3,0",      // units are less than the bytes
           "0,1,0,0,8,24,4,0",       // a unit is more than all
           "0,1,0,0,92,24,4,1",      // a sum over a part of a unit
           "0,1,0,0,88,22,4,1",      // a sum over parts of floats
           "0,1,0,0,80,4611686018427387904,4,0", // overflows
           "0,1,1,0,80,24,4,0",      // no such buffer
           "1,1,0,0,80,24,4,0",      // needed before it is there
           "0,5,0,0,80,24,4,0",      // needed by no call
       })
    EXPECT_EQ("entries.train.shared.exchanges do not fit the arena, their units or the calls",
              problemOfExchange(wrong))
        << wrong;
}
