#pragma once
// Choosing the next token.

#include <cstdint>
#include <random>
#include <set>
#include <span>
#include <vector>

namespace fusion {

/// How the next token is drawn. The default is greedy.
struct SamplingOptions {
  double temperature = 0;  ///< 0: always the likeliest token
  int64_t top_k = 50;      ///< draw among the k likeliest; 0: among all (the reference's library defaults to 50)
  double top_p = 1.0;      ///< draw among the likeliest that together reach this probability
  double min_p = 0.0;      ///< draw among those at least this likely, as a share of the likeliest one's probability
  /// Logits of tokens of the answer so far are divided by it where positive, multiplied where negative (greedy too).
  /// Tokens of the prompt do not count: the reference's library gets the prompt as embeddings and cannot see them.
  double repetition_penalty = 1.0;
  uint64_t seed = 0;
};

/// A token that may be drawn.
struct Candidate {
  int64_t id;
  double weight;  ///< its probability as a share of the likeliest one's
};

/// Throws Error, naming the option, where a value is out of range.
void check(const SamplingOptions& options);

/// Draws the tokens of one answer with a generator of its own: the same seed and logits give the same tokens. The
/// limits apply in the order of the reference's library: penalty, temperature, top-k, top-p, min-p.
class Sampler {
 public:
  explicit Sampler(const SamplingOptions& options);

  /// \param logits  one value a token of the vocabulary
  /// \return the id drawn; of equal logits the lowest id when greedy. Throws Error when no logit is a number, and when
  /// the largest is infinite.
  int64_t sample(std::span<const float> logits);

  /// What sample() would draw from now, likeliest first; one token when greedy. The same errors.
  std::vector<Candidate> candidates(std::span<const float> logits) const;

 private:
  std::vector<Candidate> within_limits(std::span<const float> logits) const;
  int64_t draw(const std::vector<Candidate>& pool);

  SamplingOptions options_;
  std::mt19937_64 generator_;
  std::set<int64_t> drawn_;
};

}  // namespace fusion
