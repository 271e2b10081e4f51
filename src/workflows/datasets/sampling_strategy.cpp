#include "workflows/datasets/sampling_strategy.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "foundation/core/error.h"
#include "foundation/core/random_source.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

using StrategyKind = SamplingStrategy::Kind;

std::optional<StrategyKind> strategy_kind(std::string_view name) {
  if (name == "first") return StrategyKind::kFirst;
  if (name == "end") return StrategyKind::kEnd;
  if (name == "random") return StrategyKind::kRandom;
  return std::nullopt;
}

std::optional<int64_t> whole_number(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  int64_t number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (code != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

int64_t SamplingStrategy::count_of(int64_t n) const {
  if (kind == StrategyKind::kAll) return n;
  if (!percent) return std::min(amount, n);
  return n / 100 * amount + (n % 100 * amount + 99) / 100;
}

SamplingStrategy parse_sampling_strategy(std::string_view text, const std::string& who) {
  if (text == "all") return {};
  const auto refuse = [&](std::string_view cause) {
    return Error({.who = who,
                  .expected = "all, first:N, end:N or random:N, N a count above 0 or a percentage as in first:10%",
                  .got = cat('"', printable(text), '"'),
                  .cause = std::string(cause)});
  };
  const size_t colon = text.find(':');
  const auto kind = strategy_kind(text.substr(0, colon));
  if (!kind) throw refuse("");
  if (colon == std::string_view::npos) throw refuse("it does not say how many");
  std::string_view digits = text.substr(colon + 1);
  const bool percent = digits.ends_with('%');
  if (percent) digits.remove_suffix(1);
  const auto amount = whole_number(digits);
  if (!amount) throw refuse("N is no whole number");
  if (*amount == 0) throw refuse("it would take nothing; a data set that is not wanted is left out of the list");
  if (percent && *amount > 100) throw refuse("more than all");
  return {.kind = *kind, .amount = *amount, .percent = percent};
}

std::vector<int64_t> sampled_indices(const SamplingStrategy& strategy, int64_t n, uint64_t seed) {
  const int64_t count = strategy.count_of(n);
  std::vector<int64_t> kept(static_cast<size_t>(count));
  if (strategy.kind != StrategyKind::kRandom) {
    std::iota(kept.begin(), kept.end(), strategy.kind == StrategyKind::kEnd ? n - count : 0);
    return kept;
  }
  // Selection sampling (Knuth, volume 2, algorithm S): one pass, in order, every subset as likely as another.
  RandomSource random(seed);
  size_t chosen = 0;
  for (int64_t i = 0; chosen < kept.size(); ++i) {
    const auto left = static_cast<uint64_t>(n - i);
    if (random.below(left) < kept.size() - chosen) kept[chosen++] = i;
  }
  return kept;
}

}  // namespace fusion
