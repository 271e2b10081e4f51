#include "fusion/terminal_output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <utility>

#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion::app {

namespace {

/// Columns of the terminal at stderr.
size_t terminal_width() {
  constexpr size_t kUsual = 80;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

/// The beginning of `text` that takes at most `columns`, were every character one wide.
std::string cut(const std::string& text, size_t columns) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins_character = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (begins_character && columns-- == 0) return text.substr(0, i);
  }
  return text;
}

bool is_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
}

}  // namespace

StageLine::StageLine(bool quiet) : shown_(!quiet && ::isatty(STDERR_FILENO) == 1) {}

void StageLine::show(const std::string& text) const {
  if (!shown_) return;
  // A line that wraps could not be drawn over.
  std::cerr << "\r\033[K" << cut(harmless(text), terminal_width() - 1) << std::flush;
  drawn_ = true;
}

void StageLine::show(const GenerationProgress& progress) const {
  switch (progress.stage) {
    case GenerationStage::kLooking:
      return show(cat("looking: tile ", progress.done + 1, "/", progress.total));
    case GenerationStage::kReading:
      return show(cat("reading: layer ", progress.done, "/", progress.total));
    case GenerationStage::kAnswering:
      return clear();
  }
}

void StageLine::clear() const {
  if (drawn_) std::cerr << "\r\033[K" << std::flush;
  drawn_ = false;
}

ProgressOptions counted_progress(std::string label, bool silent) {
  return {.label = std::move(label),
          .terminal = !silent && ::isatty(STDERR_FILENO) == 1,
          .amount = grouped_text,
          .plain_interval = silent ? 0.0 : 30.0,
          .columns = [] { return terminal_columns(STDERR_FILENO); }};
}

std::function<void(uint64_t, uint64_t)> drawn_bar(ProgressOptions options) {
  options.plain_interval = 0;
  const auto bar = std::make_shared<ProgressBar>(std::cerr, std::move(options));
  return [bar](uint64_t done, uint64_t total) {
    bar->update(done, total);
    if (done == total) bar->finish();
  };
}

std::string harmless(const std::string& text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
      result += '?';
      ++i;
    } else {
      result += is_control(byte) ? '?' : text[i];
    }
  }
  return result;
}

bool print_text(const std::string& text) {
  std::cout << (::isatty(STDOUT_FILENO) == 1 ? harmless(text) : text) << std::flush;
  return std::cout.good();
}

std::string summary_of(const Answer& answer) {
  const auto tokens = static_cast<double>(answer.generation.ids.size());
  const double decoding = answer.times.total - answer.times.first_token;
  char line[160];
  std::snprintf(line, sizeof line, "first token after %.2f s, %.0f tokens, %.1f tokens/s", answer.times.first_token,
                tokens, decoding > 0 && tokens > 1 ? (tokens - 1) / decoding : 0.0);
  return line;
}

}  // namespace fusion::app
