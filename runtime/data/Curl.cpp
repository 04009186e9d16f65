// libcurl's header is not used and nothing is linked: the few functions and
// numbers are declared here. They belong to the stable ABI of libcurl.so.4
// (unchanged since 2006). If the header is installed, the compiler compares our
// numbers with it.
#include "data/Curl.h"

#include <dlfcn.h>

#if __has_include(<curl/curl.h>)
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>
#define GRADMILL_CHECK_CURL(ours, theirs)                                      \
  static_assert(long(ours) == long(theirs), "libcurl's ABI numbers differ")
#else
#define GRADMILL_CHECK_CURL(ours, theirs) static_assert(true)
#endif

namespace gradmill::rt {
namespace {

enum Option : int {
  kWriteData = 10001,
  kUrl = 10002,
  kRange = 10007,
  kErrorBuffer = 10010,
  kWriteFunction = 20011,
  kUserAgent = 10018,
  kLowSpeedLimit = 19,
  kLowSpeedTime = 20,
  kNoProgress = 43,
  kFollowLocation = 52,
  kProgressData = 10057,
  kMaxRedirects = 68,
  kNoSignal = 99,
  kConnectTimeoutMs = 156,
  kProtocols = 181,
  kRedirectProtocols = 182,
  kProgressFunction = 20219,
};
constexpr int kResponseCode = 0x200002;
constexpr int kErrorBufferSize = 256;
constexpr long kGlobalDefault = 3, kHttp = 1, kHttps = 2;

GRADMILL_CHECK_CURL(kWriteData, CURLOPT_WRITEDATA);
GRADMILL_CHECK_CURL(kUrl, CURLOPT_URL);
GRADMILL_CHECK_CURL(kRange, CURLOPT_RANGE);
GRADMILL_CHECK_CURL(kErrorBuffer, CURLOPT_ERRORBUFFER);
GRADMILL_CHECK_CURL(kWriteFunction, CURLOPT_WRITEFUNCTION);
GRADMILL_CHECK_CURL(kUserAgent, CURLOPT_USERAGENT);
GRADMILL_CHECK_CURL(kLowSpeedLimit, CURLOPT_LOW_SPEED_LIMIT);
GRADMILL_CHECK_CURL(kLowSpeedTime, CURLOPT_LOW_SPEED_TIME);
GRADMILL_CHECK_CURL(kNoProgress, CURLOPT_NOPROGRESS);
GRADMILL_CHECK_CURL(kFollowLocation, CURLOPT_FOLLOWLOCATION);
GRADMILL_CHECK_CURL(kProgressData, CURLOPT_XFERINFODATA);
GRADMILL_CHECK_CURL(kMaxRedirects, CURLOPT_MAXREDIRS);
GRADMILL_CHECK_CURL(kNoSignal, CURLOPT_NOSIGNAL);
GRADMILL_CHECK_CURL(kConnectTimeoutMs, CURLOPT_CONNECTTIMEOUT_MS);
GRADMILL_CHECK_CURL(kProtocols, CURLOPT_PROTOCOLS);
GRADMILL_CHECK_CURL(kRedirectProtocols, CURLOPT_REDIR_PROTOCOLS);
GRADMILL_CHECK_CURL(kProgressFunction, CURLOPT_XFERINFOFUNCTION);
GRADMILL_CHECK_CURL(kResponseCode, CURLINFO_RESPONSE_CODE);
GRADMILL_CHECK_CURL(kErrorBufferSize, CURL_ERROR_SIZE);
GRADMILL_CHECK_CURL(kGlobalDefault, CURL_GLOBAL_DEFAULT);
GRADMILL_CHECK_CURL(kHttp, CURLPROTO_HTTP);
GRADMILL_CHECK_CURL(kHttps, CURLPROTO_HTTPS);

struct Library {
  int (*globalInit)(long) = nullptr;
  void *(*init)() = nullptr;
  void (*cleanup)(void *) = nullptr;
  int (*setOption)(void *, int, ...) = nullptr;
  int (*getInfo)(void *, int, ...) = nullptr;
  int (*perform)(void *) = nullptr;
  const char *(*errorText)(int) = nullptr;
  bool ready = false;

  Library() {
    void *handle = nullptr;
    for (const char *name : {"libcurl.so.4", "libcurl-gnutls.so.4"})
      if ((handle = ::dlopen(name, RTLD_NOW | RTLD_LOCAL)))
        break;
    if (!handle)
      return;
    // Never closed: libcurl's TLS backends do not survive unloading.
    bool found = load(handle, globalInit, "curl_global_init") &&
                 load(handle, init, "curl_easy_init") &&
                 load(handle, cleanup, "curl_easy_cleanup") &&
                 load(handle, setOption, "curl_easy_setopt") &&
                 load(handle, getInfo, "curl_easy_getinfo") &&
                 load(handle, perform, "curl_easy_perform") &&
                 load(handle, errorText, "curl_easy_strerror");
    ready = found && globalInit(kGlobalDefault) == 0;
  }

  template <typename F>
  static bool load(void *handle, F &function, const char *name) {
    function = reinterpret_cast<F>(::dlsym(handle, name));
    return function != nullptr;
  }
};

const Library &library() {
  static const Library only; // thread-safe, as curl_global_init is not
  return only;
}

struct Transfer {
  const HttpGet &request;
  const Library &curl;
  void *handle;
};

size_t onBody(char *bytes, size_t one, size_t count, void *data) {
  auto &transfer = *static_cast<Transfer *>(data);
  size_t size = one * count;
  long status = 0;
  transfer.curl.getInfo(transfer.handle, kResponseCode, &status);
  bool more = transfer.request.body(
      status, reinterpret_cast<const uint8_t *>(bytes), size);
  return more ? size : 0; // fewer bytes than given: libcurl stops
}

int onProgress(void *data, int64_t, int64_t, int64_t, int64_t) {
  auto &transfer = *static_cast<Transfer *>(data);
  return transfer.request.keepGoing && !transfer.request.keepGoing();
}

} // namespace

Result<HttpAnswer> httpGet(const HttpGet &request) {
  const Library &curl = library();
  void *handle = curl.ready ? curl.init() : nullptr;
  if (!handle)
    return Error{kFailure, "curl_missing",
                 "cannot download " + request.url +
                     ": libcurl.so.4 is not installed; install it (Debian and "
                     "Ubuntu: apt install libcurl4) or put the files in a "
                     "directory and give that"};
  Transfer transfer{request, curl, handle};
  char reason[kErrorBufferSize] = "";
  std::string range = std::to_string(request.from) + "-";
  auto set = [&](Option option, auto value) {
    curl.setOption(handle, option, value);
  };
  set(kUrl, request.url.c_str());
  set(kUserAgent, "gradmill");
  set(kErrorBuffer, reason);
  set(kNoSignal, 1L); // no SIGALRM in a program with threads
  set(kProtocols, kHttp | kHttps);
  set(kRedirectProtocols, kHttp | kHttps);
  set(kFollowLocation, 1L);
  set(kMaxRedirects, 10L);
  set(kConnectTimeoutMs, request.connectTimeoutMs);
  set(kLowSpeedLimit, 1L);
  set(kLowSpeedTime, request.stallSeconds);
  set(kWriteFunction, &onBody);
  set(kWriteData, static_cast<void *>(&transfer));
  set(kNoProgress, 0L);
  set(kProgressFunction, &onProgress);
  set(kProgressData, static_cast<void *>(&transfer));
  // Only the range, not RESUME_FROM, which treats a server that answers with
  // the whole file as a failure. The whole file is welcome.
  if (request.from > 0)
    set(kRange, range.c_str());

  HttpAnswer answer;
  int result = curl.perform(handle);
  curl.getInfo(handle, kResponseCode, &answer.status);
  if (result != 0)
    answer.failure = *reason ? reason : curl.errorText(result);
  curl.cleanup(handle);
  return answer;
}

} // namespace gradmill::rt
