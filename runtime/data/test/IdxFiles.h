// IDX files made for tests: small sets, gzip, and headers that lie.
#pragma once

#include "Temporary.h"

#include <cstdint>
#include <vector>
#include <zlib.h>

namespace gradmill::rt::test {

using Bytes = std::vector<uint8_t>;

inline void putWord(Bytes &out, uint32_t word) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(uint8_t(word >> shift));
}

inline Bytes imagesFile(uint32_t count, uint32_t rows = 28,
                        uint32_t columns = 28) {
  Bytes out;
  for (uint32_t word : {0x803u, count, rows, columns})
    putWord(out, word);
  for (uint32_t i = 0; i < count * rows * columns; ++i)
    out.push_back(uint8_t(i * 7 + i / 784));
  return out;
}

inline Bytes labelsFile(uint32_t count) {
  Bytes out;
  putWord(out, 0x801);
  putWord(out, count);
  for (uint32_t i = 0; i < count; ++i)
    out.push_back(uint8_t(i % 10));
  return out;
}

inline Bytes gzip(const Bytes &plain) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  Bytes out(deflateBound(&stream, plain.size()) + 64);
  stream.next_in = const_cast<Bytef *>(plain.data());
  stream.avail_in = uInt(plain.size());
  stream.next_out = out.data();
  stream.avail_out = uInt(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// The four files of a set under names of the caller's choice.
inline void putSet(const TemporaryDirectory &at, const std::string &folder,
                   const std::string &separator, bool packed,
                   uint32_t train = 20, uint32_t test = 10) {
  auto put = [&](const std::string &stem, const std::string &kind,
                 const Bytes &bytes) {
    std::string name = folder + stem + separator + kind + "-ubyte";
    at.put(packed ? name + ".gz" : name, packed ? gzip(bytes) : bytes);
  };
  put("train-images", "idx3", imagesFile(train));
  put("train-labels", "idx1", labelsFile(train));
  put("t10k-images", "idx3", imagesFile(test));
  put("t10k-labels", "idx1", labelsFile(test));
}

} // namespace gradmill::rt::test
