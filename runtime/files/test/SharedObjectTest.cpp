#include "files/SharedObject.h"
#include "data/test/Temporary.h"
#include "files/Input.h"

#include <dlfcn.h>
#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace gradmill::rt::test {
namespace {

// Some shared object of this machine: the C library.
std::vector<uint8_t> library() {
  Dl_info info{};
  EXPECT_NE(::dladdr(reinterpret_cast<void *>(&::fopen), &info), 0);
  auto bytes = readFile(info.dli_fname, 1 << 30);
  EXPECT_TRUE(bool(bytes));
  return *bytes;
}

TEST(SharedObject, WholeOnesAreFine) {
  TemporaryDirectory at;
  EXPECT_EQ(sharedObjectProblem(at.put("a.so", library())), "");
  // Not ours to judge.
  EXPECT_EQ(sharedObjectProblem(at.put("b.so", {'t', 'e', 'x', 't'})), "");
  EXPECT_EQ(sharedObjectProblem(at.put("c.so", {})), "");
}

TEST(SharedObject, CutOffAnywhere) {
  TemporaryDirectory at;
  std::vector<uint8_t> whole = library();
  for (size_t size = 4; size < whole.size();
       size += size < 4096 ? 61 : 40 * 1024 + 7) {
    std::vector<uint8_t> cut(whole.begin(), whole.begin() + ptrdiff_t(size));
    EXPECT_NE(sharedObjectProblem(at.put("a.so", cut)).find("cut off"),
              std::string::npos)
        << size;
  }
  whole.pop_back();
  EXPECT_NE(sharedObjectProblem(at.put("a.so", whole)), "");
}

TEST(SharedObject, HeadersThatOverflow) {
  TemporaryDirectory at;
  std::vector<uint8_t> bytes(4096);
  Elf64_Ehdr elf{};
  memcpy(elf.e_ident, ELFMAG, SELFMAG);
  elf.e_ident[EI_CLASS] = ELFCLASS64;
  elf.e_phentsize = sizeof(Elf64_Phdr);
  elf.e_phoff = UINT64_MAX - 8;
  elf.e_phnum = 1;
  auto problem = [&] {
    memcpy(bytes.data(), &elf, sizeof elf);
    return sharedObjectProblem(at.put("a.so", bytes));
  };
  EXPECT_NE(problem(), "");
  elf.e_phoff = sizeof elf;
  Elf64_Phdr segment{};
  segment.p_offset = UINT64_MAX - 1;
  segment.p_filesz = 4;
  memcpy(&bytes[sizeof elf], &segment, sizeof segment);
  EXPECT_NE(problem(), "");
  elf.e_phentsize = 1;
  EXPECT_NE(problem(), "");
}

TEST(SharedObject, APipeIsNotWaitedFor) {
  TemporaryDirectory at;
  ASSERT_EQ(::mkfifo((at / "pipe.so").c_str(), 0600), 0);
  EXPECT_NE(sharedObjectProblem(at / "pipe.so").find("is a pipe"),
            std::string::npos);
}

} // namespace
} // namespace gradmill::rt::test
