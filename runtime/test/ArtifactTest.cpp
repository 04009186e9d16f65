#include "core/Cpu.h"
#include "test/Testing.h"

namespace gradmill::rt {

TEST(Artifact, OpensASharedObject) {
  auto artifact = Artifact::open(FAKE_MODEL);
  ASSERT_TRUE(bool(artifact)) << artifact.error().message;
  EXPECT_EQ((*artifact)->manifest().name, "fake");
  auto model = Model::create(*artifact, 2);
  ASSERT_TRUE(bool(model));
  EXPECT_EQ(stateBytes(**model), stateBytes(*fakeModel()));
}

static void expectError(const std::string &path, const char *code,
                        ExitCode exit) {
  auto artifact = Artifact::open(path);
  ASSERT_FALSE(bool(artifact)) << path;
  EXPECT_EQ(artifact.error().code, code);
  EXPECT_EQ(artifact.error().exit, exit);
}

TEST(Artifact, RefusesFilesThatAreNone) {
  TemporaryDirectory dir;
  writeText(dir.file("text.so"), "not a library");
  expectError(dir.file("absent.so"), "artifact_not_found", kIo);
  expectError(dir.file("text.so"), "bad_artifact", kBadInput);
  expectError(dir.path, "bad_artifact", kBadInput);
  expectError("libm.so.6", "artifact_not_found", kIo); // no library search
}

template <typename Change>
static void expectRefused(const char *code, Change change) {
  gm_artifact raw = gradmill_artifact;
  change(raw);
  auto artifact = Artifact::fromMemory(&raw, "changed");
  ASSERT_FALSE(bool(artifact));
  EXPECT_EQ(artifact.error().code, code);
}

TEST(Artifact, ChecksTheTable) {
  expectRefused("artifact_version", [](auto &raw) { raw.abi_version = 1; });
  expectRefused("bad_artifact", [](auto &raw) { raw.struct_size = 8; });
  expectRefused("bad_manifest", [](auto &raw) { raw.manifest = nullptr; });
  expectRefused("bad_manifest", [](auto &raw) { raw.manifest_size -= 1; });
  expectRefused("bad_manifest", [](auto &raw) { raw.manifest_size += 1; });
  expectRefused("bad_artifact", [](auto &raw) { raw.entry_count = 0; });
  expectRefused("bad_artifact", [](auto &raw) { raw.entry_count = 1; });
  expectRefused("bad_artifact", [](auto &raw) { raw.entries = nullptr; });
  expectRefused("bad_artifact", [](auto &raw) { raw.data = nullptr; });
  expectRefused("bad_manifest", [](auto &raw) { raw.data_size = 40; });
}

// The fake model as if it had been compiled for a CPU.
struct Variant {
  Variant(const std::string &name, const std::string &needs) {
    manifest = gradmill_artifact.manifest;
    size_t old = manifest.find("\"target\"");
    if (old != std::string::npos)
      manifest.replace(old, 8, "\"ignored\"");
    size_t at = manifest.find('{') + 1;
    manifest.insert(at, "\"target\": {\"name\": \"" + name +
                            "\", \"needs\": [" + needs + "]},");
    raw = gradmill_artifact;
    raw.manifest = manifest.c_str();
    raw.manifest_size = manifest.size();
  }
  std::string manifest;
  gm_artifact raw;
};

TEST(Artifact, RefusesCodeForAnotherCpu) {
  Variant alien("alien", "\"telepathy\"");
  auto artifact = Artifact::fromMemory(&alien.raw, "alien.so");
  ASSERT_FALSE(bool(artifact));
  EXPECT_EQ(artifact.error().code, "cpu_unsupported");
  EXPECT_NE(artifact.error().message.find("lacks telepathy"),
            std::string::npos);
}

TEST(Artifact, TakesTheFirstVariantThatRuns) {
  Variant best("best", "\"telepathy\""), good("good", ""), plain("plain", "");
  const gm_artifact *others[] = {&best.raw, &good.raw};
  plain.raw.variants = others;
  plain.raw.variant_count = 2;
  auto chosen = [&](const char *wanted) -> std::string {
    wanted ? setenv("GRADMILL_CPU", wanted, 1) : unsetenv("GRADMILL_CPU");
    auto artifact = Artifact::fromMemory(&plain.raw, "several");
    unsetenv("GRADMILL_CPU");
    return artifact ? (*artifact)->variant() : artifact.error().code;
  };
  EXPECT_EQ(chosen(nullptr), "good");
  EXPECT_EQ(chosen("plain"), "plain");
  EXPECT_EQ(chosen("good"), "good");
  EXPECT_EQ(chosen("best"), "cpu_unsupported");
  EXPECT_EQ(chosen("other"), "cpu_unknown");
  plain.raw.struct_size =
      offsetof(gm_artifact, variants); // an older compiler's
  EXPECT_EQ(chosen(nullptr), "");
}

// What this very program was compiled for, and what the kernel says.
TEST(Cpu, AgreesWithTheKernel) {
  EXPECT_FALSE(cpuHas("telepathy"));
#if defined(__x86_64__)
  std::string flags = " " + readText("/proc/cpuinfo");
  flags = flags.substr(flags.find("\nflags"));
  flags = " " + flags.substr(1, flags.find('\n', 1) - 1) + " ";
  for (auto [ours, theirs] : {std::pair{"ssse3", "ssse3"},
                              {"avx", "avx"},
                              {"avx2", "avx2"},
                              {"fma", "fma"},
                              {"bmi2", "bmi2"},
                              {"sse4.1", "sse4_1"},
                              {"avx512f", "avx512f"},
                              {"avx512vbmi", "avx512vbmi"},
                              {"lzcnt", "abm"},
                              {"movbe", "movbe"}})
    EXPECT_EQ(cpuHas(ours),
              flags.find(" " + std::string(theirs) + " ") != std::string::npos)
        << ours;
#endif
}

} // namespace gradmill::rt
