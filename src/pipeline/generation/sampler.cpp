#include "pipeline/generation/sampler.h"

#include <algorithm>
#include <cmath>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

/// Not-a-number is between nothing.
void require_between(double value, double min, double max, const char* who) {
  if (value >= min && value <= max) return;
  throw Error({.who = who, .expected = cat("a number from ", min, " to ", max), .got = cat(value)});
}

int64_t likeliest_of(std::span<const float> logits) {
  int64_t best = -1;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (std::isnan(logits[i])) continue;
    if (best < 0 || logits[i] > logits[best]) best = static_cast<int64_t>(i);
  }
  // The softmax of an infinite logit is not a number.
  if (best < 0 || !std::isfinite(logits[best])) {
    throw Error({.who = "sampler",
                 .expected = "logits that are finite numbers",
                 .got = best < 0 ? "none" : cat(logits[best]),
                 .cause = "broken weights, or an overflow in half precision",
                 .hint = "try --dtype float32"});
  }
  return best;
}

}  // namespace

void check(const SamplingOptions& options) {
  require_between(options.temperature, 0, 100, "temperature");
  require_between(options.top_p, 0, 1, "top_p");
  require_between(static_cast<double>(options.top_k), 0, 1e9, "top_k");
  require_between(options.min_p, 0, 1, "min_p");
  require_between(options.repetition_penalty, 0.01, 100, "repetition_penalty");
}

Sampler::Sampler(const SamplingOptions& options) : options_(options), generator_(options.seed) {
  check(options);
}

int64_t Sampler::sample(std::span<const float> logits) {
  const int64_t id = draw(candidates(logits));
  if (options_.repetition_penalty != 1) drawn_.insert(id);
  return id;
}

std::vector<Candidate> Sampler::candidates(std::span<const float> logits) const {
  if (options_.repetition_penalty == 1) return within_limits(logits);
  std::vector<float> penalised(logits.begin(), logits.end());
  const auto penalty = static_cast<float>(options_.repetition_penalty);
  for (const int64_t id : drawn_) {
    float& logit = penalised.at(static_cast<size_t>(id));
    logit = logit > 0 ? logit / penalty : logit * penalty;
  }
  return within_limits(penalised);
}

int64_t Sampler::draw(const std::vector<Candidate>& pool) {
  double total = 0;
  for (const Candidate& candidate : pool) total += candidate.weight;
  // Not uniform_real_distribution: its result for a seed differs between standard libraries.
  double left = static_cast<double>(generator_() >> 11) * 0x1p-53 * total;
  for (const Candidate& candidate : pool) {
    left -= candidate.weight;
    if (left < 0) return candidate.id;
  }
  return pool.back().id;
}

std::vector<Candidate> Sampler::within_limits(std::span<const float> logits) const {
  const int64_t likeliest = likeliest_of(logits);
  if (options_.temperature == 0) return {{.id = likeliest, .weight = 1}};

  std::vector<Candidate> pool;
  pool.reserve(logits.size());
  for (size_t i = 0; i < logits.size(); ++i) {
    const double weight = std::exp((static_cast<double>(logits[i]) - logits[likeliest]) / options_.temperature);
    if (weight > 0) pool.push_back({.id = static_cast<int64_t>(i), .weight = weight});
  }
  const auto heavier = [](const Candidate& a, const Candidate& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
  };
  if (options_.top_k > 0 && options_.top_k < static_cast<int64_t>(pool.size())) {
    const auto last = pool.begin() + (options_.top_k - 1);
    std::nth_element(pool.begin(), last, pool.end(), heavier);
    // Those as likely as the last one stay, as in the reference's library.
    std::erase_if(pool, [least = last->weight](const Candidate& candidate) { return candidate.weight < least; });
  }
  std::sort(pool.begin(), pool.end(), heavier);
  if (options_.top_p < 1) {
    double total = 0;
    for (const Candidate& candidate : pool) total += candidate.weight;
    double reached = 0;
    size_t kept = 0;
    while (kept < pool.size() && reached < options_.top_p * total) reached += pool[kept++].weight;
    pool.resize(std::max<size_t>(kept, 1));
  }
  // The likeliest has weight 1, so that a weight is the ratio that min_p is about.
  std::erase_if(pool, [&](const Candidate& candidate) { return candidate.weight < options_.min_p; });
  return pool;
}

}  // namespace fusion
