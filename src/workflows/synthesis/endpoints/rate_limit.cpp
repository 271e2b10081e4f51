#include "workflows/synthesis/endpoints/rate_limit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace fusion {
namespace {

/// The number that is all of `text`, of at most nine digits.
std::optional<int64_t> number_of(std::string_view text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (text.empty() || text.size() > 9 || text.front() == '-' || stop != end || code != std::errc()) return std::nullopt;
  return value;
}

/// Seconds since 1970 of "Wed, 21 Oct 2015 07:28:00 GMT", the one form that may be written today (RFC 9110, 5.6.7).
std::optional<int64_t> unix_time_of(std::string_view date) {
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (date.size() != 29 || date.substr(3, 2) != ", " || date[16] != ' ' || date.substr(25) != " GMT")
    return std::nullopt;
  const auto month = std::ranges::find(kMonths, date.substr(8, 3));
  const auto day = number_of(date.substr(5, 2));
  const auto year = number_of(date.substr(12, 4));
  const auto hour = number_of(date.substr(17, 2));
  const auto minute = number_of(date.substr(20, 2));
  const auto second = number_of(date.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day on{std::chrono::year(static_cast<int>(*year)),
                                       std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
                                       std::chrono::day(static_cast<unsigned>(*day))};
  if (!on.ok()) return std::nullopt;
  return std::chrono::sys_days(on).time_since_epoch().count() * int64_t{86400} + *hour * 3600 + *minute * 60 + *second;
}

}  // namespace

bool RateLimit::wait(const std::stop_token& stop) {
  double turn = 0;
  {
    const std::lock_guard lock(mutex_);
    turn = std::max(clock_->now(), next_);
    next_ = turn + interval_;
  }
  if (turn <= clock_->now()) return !stop.stop_requested();
  return clock_->wait_until(turn, stop);
}

void RateLimit::pause_until(double time) {
  const std::lock_guard lock(mutex_);
  next_ = std::max(next_, time);
}

Slots::Held::~Held() {
  const std::lock_guard lock(slots_->mutex_);
  ++slots_->free_;
  slots_->changed_.notify_one();
}

std::unique_ptr<Slots::Held> Slots::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [&] { return free_ > 0; })) return nullptr;
  --free_;
  return std::make_unique<Held>(*this);
}

double backoff_seconds(int64_t attempt, RandomSource& random) {
  const double longest = std::min(60.0, std::exp2(static_cast<double>(std::min<int64_t>(attempt, 10) - 1)));
  return random.uniform(longest / 2, longest);
}

std::optional<double> retry_after_seconds(std::string_view header, int64_t unix_time) {
  if (const auto seconds = number_of(header)) return static_cast<double>(*seconds);
  if (const auto date = unix_time_of(header)) return std::max(0.0, static_cast<double>(*date - unix_time));
  return std::nullopt;
}

}  // namespace fusion
