#include "workflows/training/run_log/metrics_log.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <utility>

#include "foundation/config/input_file.h"
#include "foundation/config/json_file.h"
#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/training/run_log/wall_clock.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kKindKey = "kind";
constexpr const char* kStepKey = "step";

/// A line of any kind, as it stands in the file.
struct Line {
  std::string_view text;
  std::string who;  ///< file and line, for errors
  json value;
  std::string kind;
  int64_t step = 0;
};

std::string path_in(const std::string& folder) {
  return (fs::path(folder) / kMetricsFile).string();
}

std::string read_log(const std::string& path) {
  constexpr uint64_t kMostBytes = uint64_t{1} << 30;  // three million steps
  return read_text_file(path, kMostBytes);
}

/// JSON has no spelling for these, and would say null, which means something else.
void spell_non_finite(ordered_json& value) {
  if (value.is_structured()) {
    for (ordered_json& element : value) spell_non_finite(element);
  } else if (value.is_number_float() && !std::isfinite(value.get<double>())) {
    const auto number = value.get<double>();
    value = std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
  }
}

void read_non_finite(json& object) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (json& value : object) {
    if (value == "nan") value = std::numeric_limits<double>::quiet_NaN();
    if (value == "inf") value = kInfinity;
    if (value == "-inf") value = -kInfinity;
  }
}

Line read_line(std::string_view text, std::string who) {
  Line line{.text = text, .who = std::move(who), .value = {}, .kind = {}};
  line.value = parse_json(text, line.who);
  const JsonObject object(line.value, line.who);
  line.kind = object.required<std::string>(kKindKey);
  line.step = object.required_in_range(kStepKey, 0, std::numeric_limits<int64_t>::max());
  const std::vector<std::string> kinds = {"start", "step", "validation", "note"};
  if (std::find(kinds.begin(), kinds.end(), line.kind) != kinds.end()) return line;
  throw Error({.who = object.who(kKindKey), .expected = "one of " + join(kinds, ", "), .got = printable(line.kind)});
}

/// What stands behind the last line end is a line only if it is whole: otherwise it was being written when the program
/// was killed, or is being written now.
std::optional<Line> read_unended_line(std::string_view text, std::string who) {
  try {
    parse_json(text, who);
  } catch (const Error&) {
    return std::nullopt;
  }
  return read_line(text, std::move(who));
}

template <class Visit>
void for_each_line(const std::string& path, std::string_view text, const Visit& visit) {
  for (size_t number = 1; !text.empty(); ++number) {
    const std::string who = cat(path, ", line ", number);
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      if (const auto line = read_unended_line(text, who)) visit(*line);
      return;
    }
    visit(read_line(text.substr(0, end), who));
    text.remove_prefix(end + 1);
  }
}

/// Leaves what the file says of steps up to `last`, each line whole. All of that was on the disk before the checkpoint
/// was; what came later may be anything after a power loss, and ends at the first line that cannot be read.
void cut_after(const std::string& path, int64_t last) {
  std::error_code code;
  if (!fs::exists(path, code)) return;
  const std::string text = read_log(path);
  std::string kept;
  bool reached = false;
  try {
    for_each_line(path, text, [&](const Line& line) {
      reached = reached || line.step >= last;
      if (line.step <= last) kept.append(line.text) += '\n';
    });
  } catch (const Error&) {
    if (!reached) throw;
  }
  if (kept != text) write_text_file(path, kept);
}

/// Whether the file may be all that is left of a run. One that cannot be read may.
bool may_hold_steps(const std::string& path) {
  bool steps = false;
  try {
    for_each_line(path, read_log(path), [&steps](const Line& line) { steps = steps || line.kind == "step"; });
  } catch (const Error&) {
    return true;
  }
  return steps;
}

/// Moves the log of an earlier run, whose checkpoints were removed, to metrics-1.jsonl or the next free number.
void set_aside(const std::string& path) {
  std::error_code code;
  if (!fs::is_regular_file(path, code) || !may_hold_steps(path)) return;
  const fs::path log(path);
  const auto numbered = [&log](int number) {
    return log.parent_path() / cat(log.stem().string(), "-", number, log.extension().string());
  };
  int number = 1;
  while (fs::exists(numbered(number), code)) ++number;
  fs::rename(log, numbered(number), code);
  if (code) throw Error({.who = path, .expected = "to rename the log of an earlier run", .got = code.message()});
}

std::string log_path(const std::string& folder, int64_t resume_step) {
  std::string path = path_in(folder);
  if (resume_step > 0) {
    cut_after(path, resume_step);
  } else {
    set_aside(path);
  }
  return path;
}

template <class Metrics>
ordered_json line_of(const char* kind, const Metrics& metrics) {
  ordered_json line{{kKindKey, kind}};
  line.update(write_fields(metrics));
  return line;
}

template <class Metrics>
std::vector<Metrics> read_kind(const std::string& path, std::string_view kind, bool steps_grow) {
  std::vector<Metrics> all;
  const std::string text = read_log(path);
  for_each_line(path, text, [&](const Line& line) {
    if (line.kind != kind) return;
    json fields = line.value;
    fields.erase(kKindKey);
    read_non_finite(fields);
    const auto metrics = read_fields<Metrics>(JsonObject(fields, line.who));
    if (steps_grow && !all.empty() && line.step <= all.back().step) {
      throw Error({.who = cat(line.who, ": key '", kStepKey, "'"),
                   .expected = cat("a step after ", all.back().step),
                   .got = cat(line.step),
                   .cause = "two runs wrote into one folder"});
    }
    all.push_back(metrics);
  });
  return all;
}

}  // namespace

MetricsLog::MetricsLog(const std::string& folder, int64_t resume_step, std::function<double()> clock)
    : file_(log_path(folder, resume_step),
            resume_step > 0 ? AppendFile::Existing::kExtend : AppendFile::Existing::kReplace),
      resume_step_(resume_step),
      clock_(clock ? std::move(clock) : wall_clock_seconds) {}

void MetricsLog::start(const ordered_json& facts) {
  ordered_json line{{kKindKey, "start"}, {kStepKey, resume_step_}, {"time", clock_()}};
  for (const auto& [key, value] : facts.items()) {
    if (!line.contains(key)) line[key] = value;
  }
  append(line);
}

void MetricsLog::add(const StepMetrics& metrics) {
  append(line_of("step", metrics));
}

void MetricsLog::add(const ValidationMetrics& metrics) {
  append(line_of("validation", metrics));
}

void MetricsLog::note(int64_t step, std::string_view text) {
  append({{kKindKey, "note"}, {kStepKey, step}, {"text", text}});
}

void MetricsLog::append(const ordered_json& line) {
  ordered_json spelled = line;
  spell_non_finite(spelled);
  file_.append(spelled.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

std::vector<StepMetrics> read_steps(const std::string& path) {
  return read_kind<StepMetrics>(path, "step", /*steps_grow=*/true);
}

std::vector<ValidationMetrics> read_validations(const std::string& path) {
  return read_kind<ValidationMetrics>(path, "validation", /*steps_grow=*/false);
}

}  // namespace fusion
