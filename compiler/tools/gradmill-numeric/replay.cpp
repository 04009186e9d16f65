// gradmill-replay FOLDER: runs what `gradmill-numeric --record=FOLDER` wrote,
// on a machine that need not have LLVM, nor be able to run it in reasonable
// time: one with other instructions, or an emulator.
//
// FOLDER/N.case is a header of lines, an empty line, then bytes in the order of
// the buffers: the content of an input or a state, the expected numbers of an
// output or a state as doubles. FOLDER/N.so is the compiled function.
//
//   name TEXT
//   tolerance X
//   scratch BYTES
//   buffer KIND DTYPE BYTES COUNT      KIND: arena, input, state, output
#include "compiler/tools/numeric/Harness.h"
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>
#include <sstream>
#include <string>

using namespace gradmill::numeric;

namespace {

struct Row {
  std::string kind, dtype;
  int64_t bytes = 0, count = 0;
  std::vector<double> expected;
  bool goesIn() const { return kind == "input" || kind == "state"; }
  bool comesOut() const { return kind == "output" || kind == "state"; }
};

struct Case {
  std::string name;
  double tolerance = 0;
  int64_t scratch = 0;
  std::vector<Row> rows;
  std::vector<Buffer> buffers;
};

bool readCase(const std::string &path, Case &c) {
  std::ifstream in(path, std::ios::binary);
  std::string line;
  while (std::getline(in, line) && !line.empty()) {
    std::istringstream words(line);
    std::string key;
    words >> key;
    if (key == "name")
      c.name = line.substr(5);
    else if (key == "tolerance")
      words >> c.tolerance;
    else if (key == "scratch")
      words >> c.scratch;
    else {
      Row row;
      if (!(words >> row.kind >> row.dtype >> row.bytes >> row.count))
        return false;
      c.rows.push_back(row);
    }
  }
  for (Row &row : c.rows) {
    c.buffers.emplace_back(row.bytes, row.kind);
    // NaNs, because nothing may rely on the arena's old content.
    std::memset(c.buffers.back().data, 0xff, size_t(row.bytes));
    if (row.goesIn())
      in.read(c.buffers.back().data, row.bytes);
    if (row.comesOut()) {
      row.expected.resize(size_t(row.count));
      in.read(reinterpret_cast<char *>(row.expected.data()),
              row.count * int64_t(sizeof(double)));
    }
  }
  return bool(in) && !c.rows.empty();
}

bool replay(const std::string &stem) {
  Case c;
  if (!readCase(stem + ".case", c)) {
    std::printf("FAILED %s.case: cut off, or not written by gradmill-numeric\n",
                stem.c_str());
    return false;
  }
  void *library = dlopen((stem + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  auto *artifact = library ? static_cast<const gm_artifact *>(
                                 dlsym(library, GRADMILL_ARTIFACT_SYMBOL))
                           : nullptr;
  if (!artifact) {
    std::printf("FAILED %s: %s\n", c.name.c_str(), dlerror());
    return false;
  }
  Threads threads(2, c.scratch);
  runEntry(artifact->entries[0], c.buffers, threads);
  Difference d;
  for (size_t b = 0; b < c.rows.size(); ++b)
    for (size_t i = 0; i < c.rows[b].expected.size(); ++i)
      d.add(numberAt(c.buffers[b].data, c.rows[b].dtype.c_str(), i),
            c.rows[b].expected[i]);
  dlclose(library);
  bool good = d.finite && d.worst < c.tolerance;
  std::printf("%s %s %.1e%s\n", good ? "ok" : "FAILED", c.name.c_str(), d.worst,
              d.finite ? "" : " not finite");
  std::fflush(stdout);
  return good;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: gradmill-replay FOLDER\n");
    return 2;
  }
  std::string folder = std::string(argv[1]) + "/";
  int cases = 0, failed = 0;
  for (;; ++cases) {
    std::string stem = folder + std::to_string(cases);
    if (!std::ifstream(stem + ".case"))
      break;
    failed += !replay(stem);
  }
  std::printf("%d cases, %d failed\n", cases, failed);
  return !cases || failed;
}
