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

} // namespace gradmill::rt
