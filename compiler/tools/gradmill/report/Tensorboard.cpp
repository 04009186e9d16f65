// TensorBoard reads files of TensorFlow's events: TFRecord frames, in each a
// protobuf message Event (tensorflow/core/util/event.proto):
//
//   Event   { double wall_time = 1; int64 step = 2; string file_version = 3;
//             Summary summary = 5; }
//   Summary { repeated Value value = 1; }
//   Value   { string tag = 1; float simple_value = 2; }
//
// Five fields need no generated code: a build without protobuf has this, too.
#include "Formats.h"
#include "files/Output.h"
#include "files/Paths.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/raw_ostream.h"
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace gradmill::cli {
namespace {

//===-- Frames --------------------------------------------------------------===//

// CRC-32C (Castagnoli), reflected: polynomial 0x1EDC6F41.
uint32_t crc32c(llvm::StringRef bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> all{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit)
        value = value & 1 ? value >> 1 ^ 0x82F63B78u : value >> 1;
      all[i] = value;
    }
    return all;
  }();
  uint32_t crc = ~0u;
  for (char c : bytes)
    crc = crc >> 8 ^ table[(crc ^ uint8_t(c)) & 255];
  return ~crc;
}

template <typename T> std::string littleEndian(T value) {
  char bytes[sizeof(T)];
  llvm::support::endian::write<T>(bytes, value, llvm::endianness::little);
  return std::string(bytes, sizeof bytes);
}

// TFRecord masks its checksums, so that one of data that holds checksums is none.
std::string maskedCrc(llvm::StringRef bytes) {
  uint32_t crc = crc32c(bytes);
  return littleEndian<uint32_t>((crc >> 15 | crc << 17) + 0xA282EAD8u);
}

std::string frame(const std::string &data) {
  std::string length = littleEndian<uint64_t>(data.size());
  return length + maskedCrc(length) + data + maskedCrc(data);
}

//===-- Messages --------------------------------------------------------------===//

enum Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

std::string varint(uint64_t value) {
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::encodeULEB128(value, out);
  return text;
}
std::string key(uint64_t field, Wire wire) { return varint(field << 3 | wire); }
std::string bytes(uint64_t field, const std::string &content) {
  return key(field, kBytes) + varint(content.size()) + content;
}

std::string eventHead(double time, int64_t step) {
  return key(1, kFixed64) + littleEndian(llvm::bit_cast<uint64_t>(time)) +
         key(2, kVarint) + varint(uint64_t(step));
}

// "loss/test" of "test_loss", so that the parts of one number share a picture.
std::string tagOf(llvm::StringRef name) {
  for (auto [prefix, part] : {std::pair("train_", "train"), {"val_", "val"},
                              {"test_", "test"}})
    if (name.consume_front(prefix))
      return (name + "/" + part).str();
  return name == "loss" ? "loss/train" : name.str();
}
} // namespace

rt::Result<std::unique_ptr<TensorboardFile>>
TensorboardFile::create(const std::string &folder) {
  if (rt::Status error = rt::makeDirectories(folder))
    return *error;
  using namespace std::chrono;
  double now = duration<double>(system_clock::now().time_since_epoch()).count();
  // TensorBoard takes what has "tfevents" in its name, in the order of names.
  std::string stem = "events.out.tfevents." + std::to_string(int64_t(now)) + "." +
                     std::to_string(getpid()) + ".gradmill";
  std::unique_ptr<TensorboardFile> made(new TensorboardFile);
  made->path = rt::joinPath(folder, stem);
  for (int n = 1; ::access(made->path.c_str(), F_OK) == 0; ++n)
    made->path = rt::joinPath(folder, stem + "." + std::to_string(n));
  auto opened = rt::openToUpdate(made->path, O_WRONLY | O_APPEND);
  if (!opened)
    return opened.error();
  made->file = ::fdopen(*opened, "a");
  made->write(key(1, kFixed64) + littleEndian(llvm::bit_cast<uint64_t>(now)) +
              bytes(3, "brain.Event:2"));
  if (made->error)
    return *made->error;
  return made;
}

TensorboardFile::~TensorboardFile() {
  if (file)
    std::fclose(file);
}

void TensorboardFile::write(const std::string &event) {
  std::string whole = frame(event);
  bool written = std::fwrite(whole.data(), 1, whole.size(), file) == whole.size();
  // Somebody may watch the run.
  if ((!written || std::fflush(file) != 0) && !error)
    error = rt::Error{rt::kIo, "write_failed",
                      path + ": cannot write: " + std::strerror(errno)};
}

void TensorboardFile::add(double time, int64_t step,
                          const std::vector<Scalar> &scalars) {
  std::string summary;
  for (const Scalar &scalar : scalars)
    summary += bytes(1, bytes(1, scalar.tag) + key(2, kFixed32) +
                            littleEndian(llvm::bit_cast<uint32_t>(float(scalar.value))));
  if (!scalars.empty())
    write(eventHead(time, step) + bytes(5, summary));
}

void TensorboardFile::addRecord(double time, const rt::Json &record) {
  const rt::Json *type = record.find("type"), *step = record.find("step");
  if (!type || !step || !step->is_number())
    return;
  std::string kind = type->get<std::string>();
  if (kind != "step" && kind != "epoch")
    return;
  std::vector<Scalar> scalars;
  for (const auto &[name, value] : record.items()) {
    if (name == "step" || name == "epoch" || name == "seconds" || !value.is_number())
      continue;
    bool ofRun = name == "learning_rate" || name == "samples_per_second";
    if (ofRun ? kind == "step" : kind == "epoch")
      scalars.push_back({tagOf(name), value.get<double>()});
    else if (kind == "step" && name == "loss")
      scalars.push_back({"step/loss", value.get<double>()});
  }
  add(time, step->get<int64_t>(), scalars);
}

rt::Status TensorboardFile::finish() {
  if (file && std::fclose(file) != 0 && !error)
    error = rt::Error{rt::kIo, "write_failed",
                      path + ": cannot write: " + std::strerror(errno)};
  file = nullptr;
  return error;
}

} // namespace gradmill::cli
