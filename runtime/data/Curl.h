// One HTTP GET through libcurl, found with dlopen when the first download
// needs it: a trainer that only reads local files runs where libcurl is absent.
#pragma once

#include "core/Error.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace gradmill::rt {

struct HttpGet {
  std::string url;
  uint64_t from = 0; // first byte wanted; a server may ignore it and answer 200
  long connectTimeoutMs = 10000;
  long stallSeconds = 30; // give up after so long without a byte
  // Bytes of the body with the status of the answer; false stops the transfer.
  std::function<bool(long status, const uint8_t *bytes, size_t size)> body;
  // Called several times a second, also while nothing arrives; false stops.
  std::function<bool()> keepGoing;
};

struct HttpAnswer {
  long status = 0;     // 0: no answer at all
  std::string failure; // empty: the whole body arrived
};

// Error: curl_missing (libcurl is not installed). A failed transfer is no error
// here but a `failure`, because the caller can try another mirror.
Result<HttpAnswer> httpGet(const HttpGet &request);

} // namespace gradmill::rt
