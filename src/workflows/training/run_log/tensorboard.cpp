// The two formats in here are small and have not changed since 2015: a TFRecord (length, its sum, data, its sum) around
// tensorflow.Event (tensorflow/core/util/event.proto). Writing the few messages takes forty lines; libprotobuf and its
// compiler would be a dependency of the build for them.
#include "workflows/training/run_log/tensorboard.h"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <iomanip>
#include <optional>
#include <sstream>
#include <system_error>
#include <type_traits>

#include "foundation/core/text.h"
#include "workflows/training/run_log/crc32c.h"
#include "workflows/training/run_log/wall_clock.h"

namespace fusion {

namespace {

constexpr std::string_view kPrefix = "events.out.tfevents.";

template <class Number>
std::string little_endian(Number number) {
  std::string bytes;
  for (size_t i = 0; i < sizeof(number); ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
  return bytes;
}

/// The wire types of protobuf.
enum class Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

std::string varint(uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>((number & 0x7F) | 0x80);
  return bytes += static_cast<char>(number);
}

std::string key(int field, Wire wire) {
  return varint(static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(wire));
}

std::string integer_field(int field, int64_t value) {
  return key(field, Wire::kVarint) + varint(static_cast<uint64_t>(value));
}
std::string double_field(int field, double value) {
  return key(field, Wire::kFixed64) + little_endian(std::bit_cast<uint64_t>(value));
}
std::string float_field(int field, float value) {
  return key(field, Wire::kFixed32) + little_endian(std::bit_cast<uint32_t>(value));
}
/// A string or a message.
std::string bytes_field(int field, std::string_view content) {
  return cat(key(field, Wire::kBytes), varint(content.size()), content);
}

/// Field numbers of Event, Summary, Summary.Value and what they hold.
constexpr int kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7;
constexpr int kValue = 1, kTag = 1, kSimpleValue = 2, kTensor = 8, kMetadata = 9;
constexpr int kPluginData = 1, kPluginName = 1, kDataClass = 4;
constexpr int kDtype = 1, kStringValue = 8;
constexpr int kStatus = 1;
constexpr int64_t kStart = 1, kDtString = 7, kDataClassTensor = 2;

std::string tfrecord(std::string_view data) {
  const std::string length = little_endian<uint64_t>(data.size());
  return cat(length, little_endian(masked_crc32c(length)), data, little_endian(masked_crc32c(data)));
}

/// A name that is free and sorts behind all others, for TensorBoard reads the files of a folder in that order. The time
/// alone is not enough: two runs may start in one second, and clocks are set back.
std::string next_path(const std::string& folder, double now) {
  constexpr size_t kDigits = 10;
  constexpr int64_t kMost = 9'999'999'999;
  auto seconds = static_cast<int64_t>(std::clamp(now, 0.0, static_cast<double>(kMost)));
  std::error_code code;
  for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    const std::string digits = name.starts_with(kPrefix) ? name.substr(kPrefix.size(), kDigits) : "";
    const bool number = digits.size() == kDigits && digits.find_first_not_of("0123456789") == std::string::npos;
    if (number) seconds = std::max(seconds, std::min<int64_t>(std::stoll(digits) + 1, kMost));
  }
  std::ostringstream name;
  name << kPrefix << std::setw(kDigits) << std::setfill('0') << seconds << ".fusion";
  return (std::filesystem::path(folder) / name.str()).string();
}

/// All fields that hold a number but the step itself.
template <class Metrics>
std::vector<std::pair<std::string, double>> scalars_of(const char* group, const Metrics& metrics) {
  std::vector<std::pair<std::string, double>> scalars;
  const auto add = [&](std::string_view name, double value) { scalars.emplace_back(cat(group, "/", name), value); };
  const auto visit = [&](const auto& field) {
    if (field.name == "step") return;
    const auto& value = metrics.*field.member;
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>) {
      add(field.name, static_cast<double>(value));
    } else if (value) {
      add(field.name, static_cast<double>(*value));
    }
  };
  std::apply([&](const auto&... each) { (visit(each), ...); }, Metrics::fields());
  return scalars;
}

}  // namespace

TensorBoardLog::TensorBoardLog(const std::string& folder, int64_t resume_step, std::function<double()> clock)
    : clock_(clock ? std::move(clock) : wall_clock_seconds),
      file_(next_path(folder, clock_()), AppendFile::Existing::kRefuse) {
  add_event(0, bytes_field(kFileVersion, "brain.Event:2"));
  // TensorBoard then drops every event of this step and later ones that it has read before.
  if (resume_step > 0) add_event(resume_step + 1, bytes_field(kSessionLog, integer_field(kStatus, kStart)));
}

void TensorBoardLog::add(const StepMetrics& metrics) {
  Scalars scalars = scalars_of("train", metrics);
  if (metrics.seconds > 0) {
    scalars.emplace_back("train/tokens_per_second", static_cast<double>(metrics.tokens) / metrics.seconds);
    scalars.emplace_back("train/samples_per_second", static_cast<double>(metrics.samples) / metrics.seconds);
  }
  add_scalars(metrics.step, scalars);
}

void TensorBoardLog::add(const ValidationMetrics& metrics) {
  add_scalars(metrics.step, scalars_of("validation", metrics));
}

void TensorBoardLog::scalar(std::string_view tag, int64_t step, double value) {
  add_scalars(step, {{std::string(tag), value}});
}

void TensorBoardLog::text(std::string_view tag, int64_t step, std::string_view markdown) {
  const std::string plugin = bytes_field(kPluginData, bytes_field(kPluginName, "text"));
  const std::string metadata = plugin + integer_field(kDataClass, kDataClassTensor);
  // A tensor without a shape is a scalar: one string.
  const std::string tensor = integer_field(kDtype, kDtString) + bytes_field(kStringValue, markdown);
  const std::string value = bytes_field(kTag, tag) + bytes_field(kMetadata, metadata) + bytes_field(kTensor, tensor);
  add_event(step, bytes_field(kSummary, bytes_field(kValue, value)));
}

void TensorBoardLog::add_scalars(int64_t step, const Scalars& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars) {
    summary += bytes_field(kValue, bytes_field(kTag, tag) + float_field(kSimpleValue, static_cast<float>(value)));
  }
  add_event(step, bytes_field(kSummary, summary));
}

void TensorBoardLog::add_event(int64_t step, std::string_view content) {
  // A field that is 0 is not written in proto3.
  const std::string at = step == 0 ? "" : integer_field(kStep, step);
  file_.append(tfrecord(cat(double_field(kWallTime, clock_()), at, content)));
}

}  // namespace fusion
