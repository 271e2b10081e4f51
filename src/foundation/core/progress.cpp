#include "foundation/core/progress.h"

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

ProgressBar::ProgressBar(std::ostream& out, ProgressOptions options) : out_(out), options_(std::move(options)) {
  if (!options_.clock) options_.clock = steady_seconds;
  start_ = options_.clock();
}

ProgressBar::~ProgressBar() {
  if (drawn_ && !finished_) out_ << kStartOfLine << kClearRest << std::flush;
}

void ProgressBar::update(uint64_t done, uint64_t total) {
  if (!options_.terminal || finished_) return;
  const double now = options_.clock();
  if (drawn_ && done < total && now - last_drawn_ < options_.interval) return;
  draw(now, std::min(done, total), total);
  last_drawn_ = now;
  drawn_ = true;
}

void ProgressBar::finish() {
  if (drawn_ && !finished_) out_ << "\n" << std::flush;
  finished_ = true;
}

void ProgressBar::draw(double now, uint64_t done, uint64_t total) {
  const double share = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  const auto filled = static_cast<size_t>(share * kWidth);
  const auto percent = std::to_string(static_cast<int>(share * 100));
  out_ << kStartOfLine << options_.label << " [" << std::string(filled, '#') << std::string(kWidth - filled, '.')
       << "] " << std::string(3 - percent.size(), ' ') << percent << " %  " << options_.amount(done) << " of "
       << options_.amount(total);
  const double elapsed = now - start_;
  if (elapsed >= kSettled && done > 0) {
    const double rate = static_cast<double>(done) / elapsed;
    out_ << "  " << options_.amount(static_cast<uint64_t>(rate)) << "/s  ";
    if (done < total) {
      out_ << duration_text(static_cast<double>(total - done) / rate) << " left";
    } else {
      out_ << "in " << duration_text(elapsed);
    }
  }
  out_ << kClearRest << std::flush;
}

}  // namespace fusion
