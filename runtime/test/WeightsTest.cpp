// Weights of other programs: npz, PyTorch, and changes between files.
#include "Testing.h"
#include "data/Random.h"
#include "weights/EditWeights.h"
#include "data/sources/Zip.h"

#include <cmath>
#include <fstream>
#include <sys/resource.h>
#include <zlib.h>

namespace gradmill::rt {
namespace {

std::string number(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i)
    out += char(value >> (8 * i));
  return out;
}

template <typename T> std::string bytesOf(const std::vector<T> &values) {
  return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)};
}

using Files = std::vector<std::pair<std::string, std::string>>;

// Stored. `same`: all directory entries lead to the first file.
std::string zip(const Files &files, bool same = false) {
  std::string out, directory;
  for (const auto &[name, data] : files) {
    const std::string &bytes = same ? files[0].second : data;
    size_t start = same && !out.empty() ? 0 : out.size();
    std::string common = number(20, 2) + number(0, 8) +
                         number(crc32(0, reinterpret_cast<const Bytef *>(bytes.data()),
                                      uInt(bytes.size())),
                                4) +
                         number(bytes.size(), 4) + number(bytes.size(), 4) +
                         number(name.size(), 2) + number(0, 2);
    if (!same || out.empty())
      out += number(0x04034b50, 4) + common + name + bytes;
    directory += number(0x02014b50, 4) + number(20, 2) + common + number(0, 10) +
                 number(start, 4) + name;
  }
  return out + directory + number(0x06054b50, 4) + number(0, 4) +
         number(files.size(), 2) + number(files.size(), 2) +
         number(directory.size(), 4) + number(out.size(), 4) + number(0, 2);
}

// --- Pickles, as PyTorch writes them ---------------------------------------------

std::string text(const std::string &value) { return "X" + number(value.size(), 4) + value; }
std::string whole(int64_t value) { return "\x8a\x08" + number(uint64_t(value), 8); }
std::string global(const std::string &module, const std::string &name) {
  return "c" + module + "\n" + name + "\n";
}
std::string tuple(const std::vector<int64_t> &numbers) {
  std::string out = "(";
  for (int64_t each : numbers)
    out += whole(each);
  return out + "t";
}
std::string tensor(const std::string &key, int64_t elements, int64_t offset,
                   const std::vector<int64_t> &shape, const std::vector<int64_t> &strides,
                   const std::string &type = "FloatStorage") {
  return global("torch._utils", "_rebuild_tensor_v2") + "((" + text("storage") +
         global("torch", type) + text(key) + text("cpu") + whole(elements) + "tQ" +
         whole(offset) + tuple(shape) + tuple(strides) + "\x89" +
         global("collections", "OrderedDict") + ")RtR";
}
// name, pickled value, ...
std::string dict(const std::vector<std::pair<std::string, std::string>> &entries) {
  std::string out = global("collections", "OrderedDict") + ")R(";
  for (const auto &[name, value] : entries)
    out += text(name) + value;
  return out + "u";
}
std::string pickle(const std::string &value) { return "\x80\x02" + value + "."; }

struct Weights : ::testing::Test {
  std::string write(const std::string &name, const std::string &bytes) {
    std::ofstream(dir.file(name), std::ios::binary) << bytes;
    return dir.file(name);
  }
  // A PyTorch file with storage 0 = 0, 1, 2, ... 11.
  std::string pt(const std::string &value, const std::string &order = "little",
                 const std::string &name = "w.pt") {
    std::vector<float> numbers(12);
    for (size_t i = 0; i < numbers.size(); ++i)
      numbers[i] = float(i);
    return write(name, zip({{"w/data.pkl", pickle(value)},
                            {"w/byteorder", order},
                            {"w/data/0", bytesOf(numbers)},
                            {"w/version", "3\n"}}));
  }
  std::string problem(const std::string &path, const ReadWeightsOptions &options = {}) {
    auto file = readWeights(path, options);
    return file ? "none" : file.error().code + ": " + file.error().message;
  }
  static std::vector<float> values(const StoredTensor &tensor) {
    std::vector<float> out(tensor.bytes / sizeof(float));
    if (!out.empty())
      std::memcpy(out.data(), tensor.data, tensor.bytes);
    return out;
  }
  TemporaryDirectory dir;
};

#define EXPECT_HAS(text, part)                                                           \
  EXPECT_NE(std::string(text).find(part), std::string::npos) << text

// --- PyTorch ---------------------------------------------------------------------

TEST_F(Weights, PyTorchTensors) {
  auto file = readWeights(
      pt(dict({{"a.weight", tensor("0", 12, 0, {3, 4}, {4, 1})},
               {"turned", tensor("0", 12, 0, {4, 3}, {1, 4})},
               {"part", tensor("0", 12, 5, {2}, {3})},
               {"none", tensor("0", 12, 0, {0, 3}, {3, 1})},
               {"one", tensor("0", 12, 7, {}, {})},
               {"parameter", global("torch._utils", "_rebuild_parameter") + "(" +
                                 tensor("0", 12, 1, {2}, {1}) + "\x88" + "}tR"}})));
  ASSERT_TRUE(bool(file)) << file.error().message;
  EXPECT_EQ(file->format, "PyTorch");
  const auto &content = file->content;
  ASSERT_EQ(content.tensors.size(), 6u);
  EXPECT_EQ(content.find("a.weight")->dtype, "F32");
  EXPECT_EQ(content.find("a.weight")->shape, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(values(*content.find("a.weight")),
            (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(values(*content.find("turned")),
            (std::vector<float>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}));
  EXPECT_EQ(values(*content.find("part")), (std::vector<float>{5, 8}));
  EXPECT_EQ(content.find("none")->bytes, 0u);
  EXPECT_EQ(values(*content.find("one")), (std::vector<float>{7}));
  EXPECT_EQ(values(*content.find("parameter")), (std::vector<float>{1, 2}));
}

TEST_F(Weights, PyTorchOfABigEndianMachine) {
  std::string bytes;
  for (float each : {1.5f, -2.0f})
    for (int i = 3; i >= 0; --i)
      bytes += bytesOf<float>({each})[size_t(i)];
  std::string path =
      write("big.pt", zip({{"w/data.pkl", pickle(dict({{"x", tensor("0", 2, 0, {2}, {1})}}))},
                           {"w/byteorder", "big"},
                           {"w/data/0", bytes}}));
  auto file = readWeights(path);
  ASSERT_TRUE(bool(file)) << file.error().message;
  EXPECT_EQ(values(file->content.tensors[0]), (std::vector<float>{1.5, -2}));
  EXPECT_HAS(problem(pt(dict({}), "middle")), "byteorder");
}

TEST_F(Weights, PyTorchDictionaries) {
  std::string inner = dict({{"x", tensor("0", 12, 0, {12}, {1})}}),
              other = dict({{"y", tensor("0", 12, 0, {2}, {1})}});
  auto file = readWeights(pt(dict({{"epoch", whole(3)}, {"state_dict", inner}})));
  ASSERT_TRUE(bool(file)) << file.error().message;
  EXPECT_EQ(file->content.tensors.size(), 1u);
  ASSERT_EQ(file->notes.size(), 1u);
  EXPECT_EQ(file->notes[0], "the tensors are those of 'state_dict'");

  std::string two = pt(dict({{"net", inner}, {"ema", other}}));
  EXPECT_HAS(problem(two), "weights_key");
  EXPECT_HAS(problem(two), "'net' (1 tensors), 'ema' (1 tensors); choose one with --key");
  auto chosen = readWeights(two, {.key = "ema"});
  ASSERT_TRUE(bool(chosen)) << chosen.error().message;
  EXPECT_EQ(chosen->content.tensors[0].name, "y");
  EXPECT_HAS(problem(two, {.key = "emma"}), "there is no 'emma'");
  std::string deep = pt(dict({{"a", dict({{"b", inner}})}}));
  EXPECT_HAS(problem(deep), "neither it nor a dictionary in it has tensors");
  EXPECT_TRUE(bool(readWeights(deep, {.key = "a/b"})));
}

// Nothing of a file is run, whatever it asks for.
TEST_F(Weights, PyTorchRunsNothing) {
  std::string system = pt(global("os", "system") + "(" + text("touch " + dir.file("ran")) +
                          "tR");
  EXPECT_HAS(problem(system), "os.system");
  EXPECT_FALSE(std::filesystem::exists(dir.file("ran")));
  EXPECT_HAS(problem(pt(dict({{"x", global("numpy.core.multiarray", "scalar")}}))),
             "numpy.core.multiarray.scalar");
  // With the names on the stack.
  EXPECT_HAS(problem(pt(text("builtins") + text("eval") + "\x93" + "(tR")), "builtins.eval");
  // Known functions with unknown arguments; attributes of what has none.
  EXPECT_HAS(problem(pt(global("torch._utils", "_rebuild_tensor_v2") + "(tR")),
             "in an unknown way");
  EXPECT_HAS(problem(pt(text("x") + "}b")), "attributes");
  EXPECT_HAS(problem(pt("i" + std::string("os\nsystem\n"))), "instruction 105");
}

TEST_F(Weights, PyTorchPlaces) {
  auto fault = [&](int64_t elements, int64_t offset, std::vector<int64_t> shape,
                   std::vector<int64_t> strides) {
    return problem(pt(dict({{"x", tensor("0", elements, offset, shape, strides)}})));
  };
  constexpr int64_t huge = INT64_MAX;
  EXPECT_EQ(fault(12, 0, {12}, {1}), "none");
  EXPECT_HAS(fault(13, 0, {12}, {1}), "a storage of 13 elements by the pickle");
  EXPECT_HAS(fault(-1, 0, {1}, {1}), "a storage of -1");
  EXPECT_HAS(fault(12, 1, {12}, {1}), "beyond its storage");
  EXPECT_HAS(fault(12, -1, {2}, {1}), "begins before");
  EXPECT_HAS(fault(12, huge, {1}, {1}), "beyond its storage");
  EXPECT_HAS(fault(12, 0, {2}, {huge}), "beyond its storage");
  EXPECT_HAS(fault(12, 0, {2, 2}, {huge, huge}), "beyond its storage");
  EXPECT_HAS(fault(12, 0, {2}, {-1}), "stride below 0");
  EXPECT_HAS(fault(12, 0, {-2}, {1}), "size below 0");
  EXPECT_HAS(fault(12, 0, {huge, huge}, {1, 1}), "too many elements");
  EXPECT_HAS(fault(12, 0, {5, 5}, {0, 0}), "save a .clone()");
  EXPECT_HAS(problem(pt(dict({{"x", tensor("../0", 1, 0, {1}, {1})}}))), "not there");
}

TEST_F(Weights, PyTorchLimits) {
  EXPECT_HAS(problem(pt("")), "more from its stack");
  EXPECT_HAS(problem(pt("t")), "mark");
  EXPECT_HAS(problem(pt("hx")), "not stored");
  EXPECT_HAS(problem(pt("\x8d" + number(uint64_t(1) << 63, 8))), "cut off");
  EXPECT_HAS(problem(pt("X" + number(0xffffffff, 4))), "cut off");
  EXPECT_HAS(problem(pt(std::string(2'000'000, ')'))), "values");
  // As deep as it is long, a circle, and one dictionary at many places.
  std::string deep(400'000, ')');
  for (size_t i = 1; i < deep.size(); ++i)
    deep[i] = '\x85';
  EXPECT_HAS(problem(pt(deep)), "no dictionary of tensors");
  EXPECT_HAS(problem(pt("}q" + number(0, 1) + text("x") + "h" + number(0, 1) + "s")),
             "neither it nor");
  std::string many = dict({{"x", tensor("0", 12, 0, {1}, {1})}}) + "q" + number(1, 1) + "0}(";
  for (int i = 0; i < 50'000; ++i)
    many += text(std::to_string(i)) + "h" + number(1, 1);
  EXPECT_HAS(problem(pt(many + "u")), "choose one with --key");
}

// --- npz and archives --------------------------------------------------------------

TEST_F(Weights, NpzRoundTrip) {
  std::vector<float> x{1, 2, 3, 4, 5, 6};
  std::vector<double> y{0.5};
  std::vector<int64_t> z{7, 8};
  ASSERT_FALSE(writeAnyWeights(dir.file("w.npz"),
                               {{"a.weight", "F32", {2, 3}, x.data(), 24},
                                {"b", "F64", {}, y.data(), 8},
                                {"count", "I64", {2}, z.data(), 16},
                                {"e", "F32", {0}, x.data(), 0}},
                               {}));
  auto file = readWeights(dir.file("w.npz"));
  ASSERT_TRUE(bool(file)) << file.error().message;
  EXPECT_EQ(file->format, "npz");
  EXPECT_EQ(values(*file->content.find("a.weight")), x);
  EXPECT_EQ(file->content.find("a.weight")->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(file->content.find("b")->dtype, "F64");
  EXPECT_EQ(file->content.find("count")->dtype, "I64");
  EXPECT_EQ(file->content.find("e")->bytes, 0u);
  auto bad = writeAnyWeights(dir.file("b.npz"), {{"h", "BF16", {1}, x.data(), 2}}, {});
  ASSERT_TRUE(bool(bad));
  EXPECT_EQ(bad->code, "npz_type");
}

TEST_F(Weights, ArchivesThatLie) {
  std::string array = [&] {
    std::vector<float> x{1, 2};
    EXPECT_FALSE(writeAnyWeights(dir.file("x.npz"), {{"x", "F32", {2}, x.data(), 8}}, {}));
    auto entries = readZip(dir.file("x.npz"), 100);
    return std::string((*entries)[0].bytes.begin(), (*entries)[0].bytes.end());
  }();
  EXPECT_EQ(problem(write("good.npz", zip({{"x.npy", array}}))), "none");
  EXPECT_HAS(problem(write("twice.npz", zip({{"x.npy", array}, {"x.npy", array}}))),
             "two files in it are called x.npy");
  EXPECT_HAS(problem(write("overlap.npz", zip({{"x.npy", array}, {"y.npy", array}}, true))),
             "overlap");
  for (const char *name : {"../x.npy", "/x.npy", "a/../../x.npy", "c:x.npy", "a\\x.npy"})
    EXPECT_HAS(problem(write("out.npz", zip({{name, array}}))), "leads out") << name;
  EXPECT_EQ(problem(write("folder.npz", zip({{"layer/x.npy", array}}))), "none");
  EXPECT_HAS(problem(write("control.npz", zip({{"a\nb.npy", array}}))), "weights_name");
  EXPECT_HAS(problem(write("other.zip", zip({{"x.txt", "x"}}))), "weights_format");
  std::string huge = array;
  size_t at = huge.find("(2,)");
  huge.replace(at, 4, "(9223372036854775808,)");
  EXPECT_HAS(problem(write("huge.npz", zip({{"x.npy", huge}}))), "bad_npy");
}

TEST_F(Weights, OtherFormats) {
  EXPECT_HAS(problem(write("old.pt", "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.")),
             "PyTorch before 1.6");
  EXPECT_HAS(problem(write("x.pkl", "\x80\x04\x95" + number(20, 8) + "}.........")),
             "could run any code");
  EXPECT_HAS(problem(write("x.h5", "\x89HDF\r\n\x1a\n........")), "HDF5");
  EXPECT_HAS(problem(write("x.npy", "\x93NUMPY.........")), "numpy.savez");
  EXPECT_HAS(problem(write("x.bin", "nothing of the kind")), "bad_safetensors");
  EXPECT_HAS(problem(dir.file("missing")), "file_not_found");
}

// --- Changes -------------------------------------------------------------------------

struct Editing : Weights {
  WeightsFile sample() {
    WeightsFile file;
    auto add = [&](const char *name, const char *dtype, std::vector<int64_t> shape,
                   const void *data, uint64_t bytes) {
      file.content.tensors.push_back({name, dtype, std::move(shape), data, bytes});
    };
    add("features.0.weight", "F32", {2, 3}, x.data(), 24);
    add("features.0.bias", "F32", {2}, x.data(), 8);
    add("features.3.weight", "F16", {3}, half.data(), 6);
    add("features.1.num_batches_tracked", "I64", {}, &count, 8);
    return file;
  }
  std::string fault(const WeightsEdit &edit) {
    WeightsFile file = sample();
    Status error = editWeights(file, edit, "FILE");
    return error ? error->code + ": " + error->message : "none";
  }
  std::vector<float> x{1, 2, 3, 4, 5, 6};
  std::vector<uint16_t> half{0x3c00, 0xc000, 0x0001};
  int64_t count = 5;
};

TEST_F(Editing, NamesLayoutsTypes) {
  WeightsFile file = sample();
  ASSERT_FALSE(editWeights(file,
                           {.renames = {R"(features\.(\d+)\.(.*)=block\1_\2)",
                                        "block0_bias=$bias"},
                            .transposes = {"block0*"},
                            .to = "f32"},
                           "FILE"));
  ASSERT_EQ(file.content.tensors.size(), 3u);
  EXPECT_EQ(file.notes, (std::vector<std::string>{"tensors of whole numbers are left out: "
                                                  "features.1.num_batches_tracked"}));
  const StoredTensor *weight = file.content.find("block0_weight");
  ASSERT_TRUE(weight);
  EXPECT_EQ(weight->shape, (std::vector<int64_t>{3, 2}));
  EXPECT_EQ(values(*weight), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_TRUE(file.content.find("$bias"));
  const StoredTensor *converted = file.content.find("block3_weight");
  ASSERT_TRUE(converted);
  EXPECT_EQ(converted->dtype, "F32");
  EXPECT_EQ(values(*converted), (std::vector<float>{1, -2, 0x1p-24f}));
}

TEST_F(Editing, Errors) {
  EXPECT_HAS(fault({.renames = {"conv=x"}}), "no tensor of FILE has such a name");
  EXPECT_HAS(fault({.renames = {"no_sign"}}), "PATTERN=REPLACEMENT");
  EXPECT_HAS(fault({.renames = {"(=x"}}), "no regular expression");
  EXPECT_HAS(fault({.renames = {R"(features\.\d\.weight=w)"}}),
             "makes \"w\" of both features.0.weight and features.3.weight");
  EXPECT_HAS(fault({.renames = {R"(features\.0\.bias=)"}}), "makes \"\"");
  EXPECT_HAS(fault({.transposes = {"fc*"}}), "no matrix has such a name");
  EXPECT_HAS(fault({.transposes = {"*.bias"}}), "features.0.bias [2]");
  std::vector<double> large{1e300};
  WeightsFile file;
  file.content.tensors.push_back({"x", "F64", {1}, large.data(), 8});
  Status error = editWeights(file, {.to = "f32"}, "FILE");
  ASSERT_TRUE(bool(error));
  EXPECT_HAS(error->message, "too large for F32: x");
}

TEST_F(Editing, Fit) {
  auto fit = [&](const std::vector<WantedTensor> &wanted, WeightsFile &file) {
    Status error = fitWeights(file, wanted, "FILE");
    return error ? error->message : "none";
  };
  WeightsFile file = sample();
  std::string message = fit({{"features.0.weight", "F32", {3, 2}},
                             {"features.0.biass", "F32", {2}},
                             {"features.3.weight", "F32", {3}}},
                            file);
  EXPECT_HAS(message, "exactly transposed; say --transpose 'features.0.weight'");
  EXPECT_HAS(message, "features.0.biass: missing, [2]; the file has features.0.bias");
  EXPECT_HAS(message, "is F16, the graph has F32; say --to f32");
  EXPECT_HAS(message, "not in the graph: features.0.bias");
  WeightsFile good = sample();
  EXPECT_EQ(fit({{"features.0.bias", "F32", {2}}, {"features.0.weight", "F32", {2, 3}}}, good),
            "none");
  ASSERT_EQ(good.content.tensors.size(), 2u);
  EXPECT_EQ(good.content.tensors[0].name, "features.0.bias");
  EXPECT_HAS(good.notes.back(), "features.3.weight");
}

TEST_F(Editing, Statistics) {
  std::vector<float> numbers{1, -3, 5, INFINITY, NAN};
  TensorStatistics s = statisticsOf({"x", "F32", {5}, numbers.data(), 20});
  EXPECT_EQ(s.min, -3);
  EXPECT_EQ(s.mean, 1);
  EXPECT_EQ(s.max, 5);
  EXPECT_EQ(s.notFinite, 2u);
}

// --- Hostile bytes ---------------------------------------------------------------------

TEST_F(Weights, RandomBytes) {
  std::vector<float> x{1, 2, 3, 4};
  ASSERT_FALSE(writeAnyWeights(dir.file("w.npz"),
                               {{"a", "F32", {2, 2}, x.data(), 16},
                                {"b", "F32", {4}, x.data(), 16}},
                               {}));
  std::string sources[] = {
      readText(dir.file("w.npz")),
      readText(pt(dict({{"a", tensor("0", 12, 0, {4, 3}, {1, 4})},
                        {"b", tensor("0", 12, 2, {2}, {1})},
                        {"step", whole(4)}}))),
      "", // the pickle alone, in a good archive
  };
  std::string good = pickle(dict({{"a", tensor("0", 12, 0, {4, 3}, {1, 4})},
                                  {"deep", dict({{"b", tensor("0", 12, 2, {2}, {1})}})}}));
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  RandomStream random(9, Purpose::Digits, 0);
  size_t read = 0;
  for (int trial = 0; trial < 900; ++trial) {
    std::string bytes = trial % 3 == 2 ? good : sources[trial % 3];
    for (uint64_t n = random.below(6); n > 0; --n)
      bytes[random.below(bytes.size())] = char(random.bits() >> 8);
    if (random.below(4) == 0)
      bytes.resize(random.below(bytes.size()) + 1);
    if (trial % 3 == 2)
      bytes = zip({{"w/data.pkl", bytes}, {"w/data/0", std::string(48, 'x')}});
    auto file = readWeights(write("x", bytes));
    if (!file) {
      EXPECT_FALSE(file.error().message.empty());
      continue;
    }
    ++read;
    for (const StoredTensor &tensor : file->content.tensors) // touches all bytes
      (void)statisticsOf(tensor);
  }
  getrusage(RUSAGE_SELF, &after);
  EXPECT_GT(read, 50u); // some changes are harmless, or there is none
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 256 * 1024); // KiB
}

TEST_F(Weights, CutOff) {
  std::string whole = readText(pt(dict({{"a", tensor("0", 12, 0, {4, 3}, {1, 4})}})));
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(problem(write("cut", whole.substr(0, size))), "none") << size;
}

} // namespace
} // namespace gradmill::rt
