#include "foundation/core/progress.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion {

namespace {

constexpr int kWidth = 16;
constexpr double kSettled = 0.5;  // seconds before a rate means something
constexpr const char* kStartOfLine = "\r";
constexpr const char* kClearRest = "\x1b[K";

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

int terminal_columns(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

ProgressBar::ProgressBar(std::ostream& out, ProgressOptions options) : out_(out), options_(std::move(options)) {
  if (!options_.clock) options_.clock = steady_seconds;
  start_ = options_.clock();
}

ProgressBar::~ProgressBar() {
  if (options_.terminal && drawn_ && !finished_) out_ << kStartOfLine << kClearRest << std::flush;
}

bool ProgressBar::silent() const {
  return finished_ || (!options_.terminal && options_.plain_interval <= 0);
}

void ProgressBar::update(uint64_t done, uint64_t total, std::span<const std::string> parts) {
  if (silent()) return;
  const double now = options_.clock();
  const double interval = options_.terminal ? options_.interval : options_.plain_interval;
  if (drawn_ && done < total && now - last_drawn_ < interval) return;
  std::string line = text(now, std::min(done, total), total);
  const int columns = options_.columns ? options_.columns() : 0;
  // A full line would wrap, and the next drawing would begin in the wrong one.
  const size_t room = options_.terminal && columns > 1 ? static_cast<size_t>(columns) - 1 : std::string::npos;
  for (const std::string& part : parts) {
    if (line.size() + 2 + part.size() <= room) line += "  " + part;
  }
  line.resize(std::min(line.size(), room));
  if (options_.terminal) {
    out_ << kStartOfLine << line << kClearRest << std::flush;
    shown_ = std::move(line);
  } else {
    out_ << line << "\n" << std::flush;
  }
  last_drawn_ = now;
  drawn_ = true;
}

void ProgressBar::say(std::string_view line) {
  if (silent()) return;
  if (!options_.terminal || !drawn_) {
    out_ << line << "\n" << std::flush;
    return;
  }
  out_ << kStartOfLine << line << kClearRest << "\n" << shown_ << kClearRest << std::flush;
}

void ProgressBar::finish() {
  if (options_.terminal && drawn_ && !finished_) out_ << "\n" << std::flush;
  finished_ = true;
}

std::string ProgressBar::text(double now, uint64_t done, uint64_t total) const {
  const double share = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  const auto filled = static_cast<size_t>(share * kWidth);
  const auto percent = std::to_string(static_cast<int>(share * 100));
  const std::string bar = cat("[", std::string(filled, '#'), std::string(kWidth - filled, '.'), "] ");
  std::string line = cat(options_.label, " ", options_.terminal ? bar : "", std::string(3 - percent.size(), ' '),
                         percent, " %  ", options_.amount(done), " of ", options_.amount(total));
  const double elapsed = now - start_;
  if (elapsed < kSettled || done <= options_.already) return line;
  const double rate = static_cast<double>(done - options_.already) / elapsed;
  if (options_.rate) line += cat("  ", options_.amount(static_cast<uint64_t>(rate)), "/s");
  const bool complete = done >= total;
  return cat(line, complete ? "  in " : "  ",
             duration_text(complete ? elapsed : static_cast<double>(total - done) / rate), complete ? "" : " left");
}

}  // namespace fusion
