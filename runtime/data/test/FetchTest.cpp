// Downloads from a server on the loopback interface, started by the test. The
// first part of the URL says how the server misbehaves.
#include "data/Fetch.h"

#include "Temporary.h"
#include "files/Input.h"
#include "data/Open.h"
#include "data/Sha256.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace gradmill::rt::test {
namespace {

constexpr size_t kSize = 200000;

const char *const kServer = R"(
import http.server, socketserver, sys, time
body = bytes((i * 31 + (i >> 8)) & 255 for i in range(200000))
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *a): pass
    def do_GET(self):
        mode = self.path.split('/')[1]
        asked = self.headers.get('Range')
        print(mode, asked or 'whole', flush=True)
        data, status, start = body, 200, 0
        if mode == 'missing':
            data, status = b'x' * 500000, 404
        elif mode == 'redirect':
            self.send_response(302)
            self.send_header('Location', '/range/a.bin')
            self.send_header('Content-Length', '0')
            self.end_headers()
            return
        elif mode == 'corrupt':
            data = body[:-1] + b'?'
        elif mode == 'long':
            data = body + body
        elif mode == 'tiny':
            data = body[:10]
        elif mode == 'lying' and asked:
            status, data = 206, b'!' * (len(body) - int(asked[6:-1]))
        elif mode in ('range', 'short', 'stall') and asked:
            start = int(asked[6:-1])
            status, data = 206, body[start:]
        self.send_response(status)
        self.send_header('Content-Length', str(len(data)))
        if status == 206:
            self.send_header('Content-Range', 'bytes %d-%d/%d' % (start, len(body) - 1, len(body)))
        self.end_headers()
        if mode == 'short': data = data[:len(data) // 2]
        if mode == 'stall':
            self.wfile.write(data[:1000]); self.wfile.flush(); time.sleep(30)
            return
        self.wfile.write(data)
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
server = Server(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
)";

class Server {
public:
  bool start() {
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0)
      return false;
    child = ::fork();
    if (child == 0) {
      ::dup2(out[1], 1);
      int null = ::open("/dev/null", O_WRONLY);
      ::dup2(null, 2);
      ::execlp("python3", "python3", "-c", kServer, nullptr);
      ::_exit(127);
    }
    ::close(out[1]);
    log = ::fdopen(out[0], "r");
    return std::fscanf(log, "%d", &port) == 1;
  }
  void stop() {
    if (child > 0) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    if (log)
      std::fclose(log);
    child = 0;
    log = nullptr;
  }
  ~Server() { stop(); }
  std::string mode(const std::string &name) const {
    return "http://127.0.0.1:" + std::to_string(port) + "/" + name + "/";
  }
  // The next request as the server saw it: "range bytes=100-".
  std::string request() {
    char mode[32], range[64];
    if (!log || std::fscanf(log, "%31s %63s", mode, range) != 2)
      return "";
    return std::string(mode) + " " + range;
  }

private:
  pid_t child = 0;
  FILE *log = nullptr;
  int port = 0;
};

std::vector<uint8_t> body() {
  std::vector<uint8_t> bytes(kSize);
  for (size_t i = 0; i < kSize; ++i)
    bytes[i] = uint8_t(i * 31 + (i >> 8));
  return bytes;
}

struct Fetch : ::testing::Test {
  void SetUp() override {
    if (!server.start())
      GTEST_SKIP() << "python3 is missing: no server to download from";
    Sha256 hash;
    hash.update(wanted.data(), wanted.size());
    files = {{"a.bin", hash.finish(), kSize}};
    options.connectTimeoutMs = 2000;
    options.stallSeconds = 2;
    options.message = [this](const std::string &line) { said.push_back(line); };
  }

  Status fetch(const std::vector<std::string> &modes) {
    options.mirrors.clear();
    for (const std::string &mode : modes)
      options.mirrors.push_back(server.mode(mode));
    return fetchFiles(files, at / "cache", options);
  }
  void expectFile() {
    Result<std::vector<uint8_t>> file = readFile(at / "cache/a.bin", 1 << 20);
    ASSERT_TRUE(file);
    EXPECT_EQ(*file, wanted);
    EXPECT_FALSE(isRegularFile(at / "cache/a.bin.part"));
  }
  void expectFailure(const std::string &mode, const std::string &reason) {
    Status bad = fetch({mode});
    ASSERT_TRUE(bad);
    EXPECT_EQ(bad->code, "fetch_failed");
    EXPECT_EQ(bad->exit, kIo);
    EXPECT_NE(bad->message.find(reason), std::string::npos) << bad->message;
    EXPECT_FALSE(isRegularFile(at / "cache/a.bin"));
  }
  void putPart(size_t size) {
    at.put("cache/a.bin.part",
           std::vector<uint8_t>(wanted.begin(), wanted.begin() + long(size)));
  }

  // No proxy of the environment between the test and its own server.
  ScopedVariable noProxy{"no_proxy", "127.0.0.1"};
  ScopedVariable noProxyEither{"NO_PROXY", "127.0.0.1"};
  Server server;
  TemporaryDirectory at;
  std::vector<uint8_t> wanted = body();
  std::vector<RemoteFile> files;
  FetchOptions options;
  std::vector<std::string> said;
};

TEST_F(Fetch, DownloadsAndThenUsesTheCache) {
  uint64_t last = 0;
  options.progress = [&](const FetchProgress &p) {
    EXPECT_GE(p.done, last);
    EXPECT_EQ(p.total, kSize);
    EXPECT_EQ(p.file, "a.bin");
    last = p.done;
    return true;
  };
  Status bad = fetch({"range"});
  ASSERT_FALSE(bad) << bad->message;
  expectFile();
  EXPECT_EQ(last, kSize);
  EXPECT_EQ(server.request(), "range whole");
  EXPECT_TRUE(said.empty());
  server.stop();
  EXPECT_FALSE(fetch({"range"})); // needs no server any more
}

TEST_F(Fetch, ReplacesADamagedFileInTheCache) {
  std::vector<uint8_t> bad = wanted;
  bad[1000] ^= 1;
  at.put("cache/a.bin", bad);
  EXPECT_FALSE(fetch({"range"}));
  expectFile();
}

TEST_F(Fetch, ResumesWithARange) {
  putPart(123456);
  Status bad = fetch({"range"});
  ASSERT_FALSE(bad) << bad->message;
  expectFile();
  EXPECT_EQ(server.request(), "range bytes=123456-");
}

TEST_F(Fetch, ResumesWhereRangesAreIgnored) {
  putPart(123456);
  EXPECT_FALSE(fetch({"norange"}));
  expectFile();
}

TEST_F(Fetch, ACompletePartNeedsNoTransfer) {
  putPart(kSize);
  EXPECT_FALSE(fetch({"missing"}));
  expectFile();
}

TEST_F(Fetch, AWrongPartIsFetchedAgainFromTheStart) {
  at.put("cache/a.bin.part", std::vector<uint8_t>(5000, 1));
  EXPECT_FALSE(fetch({"range"}));
  expectFile();
  EXPECT_EQ(server.request(), "range bytes=5000-");
  EXPECT_EQ(server.request(), "range whole");
}

TEST_F(Fetch, APartThatIsTooLongIsDropped) {
  at.put("cache/a.bin.part", std::vector<uint8_t>(kSize + 5, 1));
  EXPECT_FALSE(fetch({"range"}));
  expectFile();
}

TEST_F(Fetch, AServerThatLiesAboutTheRangeIsCaught) {
  putPart(5000);
  EXPECT_FALSE(fetch({"lying"})); // its second answer is the whole file
  expectFile();
}

TEST_F(Fetch, FallsOverToTheNextMirror) {
  for (const char *first : {"missing", "corrupt", "short", "long", "tiny"}) {
    std::remove((at / "cache/a.bin").c_str());
    said.clear();
    Status bad = fetch({first, "range"});
    ASSERT_FALSE(bad) << first << bad->message;
    expectFile();
    if (std::string(first) != "short") // it comes to its end by resuming
      EXPECT_EQ(said.size(), 1u) << first;
  }
}

TEST_F(Fetch, AnUnreachableMirrorIsSkipped) {
  options.mirrors = {"http://127.0.0.1:1/", "http://nowhere.invalid/",
                     "file:///etc/", server.mode("range")};
  EXPECT_FALSE(fetchFiles(files, at / "cache", options));
  expectFile();
  EXPECT_EQ(said.size(), 3u);
}

TEST_F(Fetch, FollowsRedirects) {
  EXPECT_FALSE(fetch({"redirect"}));
  expectFile();
}

TEST_F(Fetch, NothingWrongGetsTheFinalName) {
  expectFailure("missing", "404");
  expectFailure("corrupt", "SHA-256");
  expectFailure("long", "more than 200000 bytes");
  expectFailure("tiny", "too short");
}

TEST_F(Fetch, ATruncatedTransferLeavesAPartToGoOnFrom) {
  expectFailure("short", "a.bin");
  EXPECT_TRUE(isRegularFile(at / "cache/a.bin.part"));
  EXPECT_FALSE(fetch({"range"}));
  expectFile();
  EXPECT_EQ(server.request(), "short whole");
  EXPECT_EQ(server.request(), "short bytes=100000-");
  EXPECT_EQ(server.request(), "range bytes=150000-");
}

TEST_F(Fetch, AStalledTransferEnds) {
  auto begin = std::chrono::steady_clock::now();
  options.stallSeconds = 1;
  Status bad = fetch({"stall", "range"});
  ASSERT_FALSE(bad) << bad->message;
  expectFile();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

TEST_F(Fetch, CanBeCancelledAndTakenUpAgain) {
  options.progress = [](const FetchProgress &p) { return p.done == 0; };
  Status bad = fetch({"stall", "range"});
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->code, "fetch_cancelled");
  EXPECT_FALSE(isRegularFile(at / "cache/a.bin"));
  options.progress = nullptr;
  EXPECT_FALSE(fetch({"range"}));
  expectFile();
}

TEST_F(Fetch, TwoAtOnceDoNotDisturbEachOther) {
  Status first, second;
  options.message = nullptr;
  options.mirrors = {server.mode("range")};
  std::thread other([&] { first = fetchFiles(files, at / "cache", options); });
  second = fetchFiles(files, at / "cache", options);
  other.join();
  EXPECT_FALSE(first);
  EXPECT_FALSE(second);
  expectFile();
}

TEST_F(Fetch, AnUnusableDirectoryIsAnError) {
  at.put("file", {1});
  options.mirrors = {server.mode("range")};
  Status bad = fetchFiles(files, at / "file/below", options);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->code, "directory_unwritable");
}

TEST_F(Fetch, NoMirrorIsAnError) {
  Status bad = fetch({});
  ASSERT_TRUE(bad);
  EXPECT_NE(bad->message.find("no mirror"), std::string::npos);
}

TEST_F(Fetch, AutoFallsBackToDrawnDigits) {
  ScopedVariable mirrors("GRADMILL_MNIST_MIRRORS",
                         server.mode("missing").c_str());
  ScopedVariable named("GRADMILL_MNIST_DIR", nullptr);
  DataOptions data;
  data.cacheDir = at.path;
  std::string all;
  data.message = [&](const std::string &line) { all += line + "\n"; };
  Result<DatasetSplit> opened = openDataset("auto", data);
  ASSERT_TRUE(opened) << opened.error().message;
  if (opened->train.name.starts_with("mnist"))
    GTEST_SKIP() << "MNIST is installed on this machine";
  EXPECT_EQ(opened->train.name, "digits/train");
  EXPECT_NE(all.find("draws itself"), std::string::npos);
  EXPECT_NE(all.find("404"), std::string::npos);
  Result<DatasetSplit> strict = openDataset("mnist", data);
  ASSERT_FALSE(strict);
  EXPECT_EQ(strict.error().code, "fetch_failed");
}

TEST(FetchSettings, MirrorsFromTheEnvironment) {
  ScopedVariable own("GRADMILL_MNIST_MIRRORS", "http://a/x,,https://b/");
  EXPECT_EQ(mnistMirrors(),
            (std::vector<std::string>{"http://a/x", "https://b/"}));
  ScopedVariable none("GRADMILL_MNIST_MIRRORS", nullptr);
  EXPECT_EQ(mnistMirrors().size(), 2u);
}

TEST(FetchSettings, CacheDirectory) {
  ScopedVariable home("HOME", "/home/someone");
  ScopedVariable none("XDG_CACHE_HOME", nullptr);
  EXPECT_EQ(defaultCacheDirectory(), "/home/someone/.cache/gradmill");
  ScopedVariable xdg("XDG_CACHE_HOME", "/elsewhere");
  EXPECT_EQ(defaultCacheDirectory(), "/elsewhere/gradmill");
}

// Never in the folder in which the program happens to be started.
TEST(FetchSettings, NoCacheDirectoryFromRelativePaths) {
  ScopedVariable home("HOME", nullptr);
  ScopedVariable xdg("XDG_CACHE_HOME", "cache");
  EXPECT_EQ(defaultCacheDirectory(), "");
  ScopedVariable dot("HOME", ".");
  EXPECT_EQ(defaultCacheDirectory(), "");
}

} // namespace
} // namespace gradmill::rt::test
