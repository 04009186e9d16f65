#include "files/SharedObject.h"

#include "files/Input.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <vector>

namespace gradmill::rt {
namespace {

// The end of a table or of its contents; too large if it overflows.
uint64_t endOf(uint64_t offset, uint64_t size) {
  uint64_t end;
  return __builtin_add_overflow(offset, size, &end) ? UINT64_MAX : end;
}

// The smallest possible size of the file, by its headers.
template <typename Header, typename Ends>
uint64_t endOfAll(const std::vector<uint8_t> &bytes, uint64_t offset,
                  uint64_t count, Ends endOfOne) {
  uint64_t end = count ? endOf(offset, count * sizeof(Header)) : 0;
  if (end > bytes.size())
    return end;
  for (uint64_t i = 0; i < count; ++i) {
    Header header;
    std::memcpy(&header, &bytes[offset + i * sizeof header], sizeof header);
    end = std::max(end, endOfOne(header));
  }
  return end;
}

} // namespace

std::string sharedObjectProblem(const std::string &path) {
  auto file = readFile(path, uint64_t(1) << 32);
  if (!file) {
    const std::string &message = file.error().message;
    return message.substr(std::min(message.size(), path.size() + 2));
  }
  const std::vector<uint8_t> &bytes = *file;
  Elf64_Ehdr elf;
  if (bytes.size() < SELFMAG || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0)
    return {};
  if (bytes.size() < sizeof elf)
    return "is cut off within its first header";
  std::memcpy(&elf, bytes.data(), sizeof elf);
  if (elf.e_ident[EI_CLASS] != ELFCLASS64)
    return {};
  if (elf.e_phentsize != sizeof(Elf64_Phdr) ||
      (elf.e_shnum && elf.e_shentsize != sizeof(Elf64_Shdr)))
    return "has headers of another size than ELF's";
  uint64_t segments = endOfAll<Elf64_Phdr>(
      bytes, elf.e_phoff, elf.e_phnum, [](const Elf64_Phdr &segment) {
        return endOf(segment.p_offset, segment.p_filesz);
      });
  uint64_t sections = endOfAll<Elf64_Shdr>(
      bytes, elf.e_shoff, elf.e_shnum, [](const Elf64_Shdr &section) {
        return section.sh_type == SHT_NOBITS || section.sh_type == SHT_NULL
                   ? 0
                   : endOf(section.sh_offset, section.sh_size);
      });
  uint64_t whole = std::max(segments, sections);
  if (whole > bytes.size())
    return "is cut off: it has " + std::to_string(bytes.size()) +
           " bytes, by its headers at least " + std::to_string(whole);
  return {};
}

} // namespace gradmill::rt
