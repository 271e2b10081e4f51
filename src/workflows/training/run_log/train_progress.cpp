#include "workflows/training/run_log/train_progress.h"

#include <iomanip>
#include <sstream>
#include <string>
#include <vector>

#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion {

namespace {

std::string fixed_text(double value) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(3) << value;
  return out.str();
}

std::string scientific_text(double value) {
  std::ostringstream out;
  out << std::scientific << std::setprecision(2) << value;
  return out.str();
}

/// Three digits: "0.417", "41.2", "5.21 k".
std::string rate_text(double rate) {
  if (rate >= 99.95) return count_text(static_cast<uint64_t>(rate + 0.5));
  std::ostringstream out;
  out << std::setprecision(3) << rate;
  return out.str();
}

std::string loss_parts(const StepMetrics& metrics) {
  const auto& instruct = metrics.loss_cos_instruct;
  return cat("ce ", fixed_text(metrics.loss_ce), instruct ? cat("  instruct ", fixed_text(*instruct)) : "", "  vision ",
             fixed_text(metrics.loss_cos_vision));
}

}  // namespace

TrainProgress::TrainProgress(std::ostream& out, const TrainProgressOptions& options)
    : total_steps_(static_cast<uint64_t>(options.total_steps)),
      bar_(out, {.label = "step",
                 .terminal = options.terminal,
                 .amount = grouped_text,
                 .plain_interval = options.plain_interval,
                 .rate = false,
                 .already = static_cast<uint64_t>(options.resume_step),
                 .columns = options.columns,
                 .clock = options.clock}) {}

void TrainProgress::update(const StepMetrics& metrics) {
  constexpr double kKept = 0.9;
  tokens_ = kKept * tokens_ + static_cast<double>(metrics.tokens);
  samples_ = kKept * samples_ + static_cast<double>(metrics.samples);
  seconds_ = kKept * seconds_ + metrics.seconds;
  // In the order of what a narrow terminal should rather show.
  std::vector<std::string> parts = {cat("loss ", fixed_text(metrics.loss))};
  if (seconds_ > 0) {
    parts.push_back(cat(rate_text(tokens_ / seconds_), " tokens/s"));
    parts.push_back(cat(rate_text(samples_ / seconds_), " samples/s"));
  }
  parts.push_back(cat("lr ", scientific_text(metrics.learning_rate)));
  parts.push_back(loss_parts(metrics));
  parts.push_back(bytes_text(static_cast<uint64_t>(metrics.memory_bytes)));
  bar_.update(static_cast<uint64_t>(metrics.step), total_steps_, parts);
}

}  // namespace fusion
