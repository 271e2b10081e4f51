#pragma once
// Which kinds an item's picture is asked about: the same for every source of captions.

#include <cstdint>
#include <string>
#include <vector>

#include "workflows/synthesis/kinds/kind_registry.h"

namespace fusion {

/// How often a kind is taken, against the others.
struct KindWeight {
  std::string kind;
  double weight = 1;
};

class KindChoice {
 public:
  /// \param weights  empty: all kinds of the registry, equally
  /// \param kinds_per_picture  conversations to write about one picture, at least 1
  /// Throws Error on an unknown kind, one that is named twice, a weight that is not above 0, and on kinds_per_picture
  /// outside 1 to 12.
  KindChoice(const KindRegistry& registry, const std::vector<KindWeight>& weights, int64_t kinds_per_picture);

  /// The kinds of item `id`, a function of (seed, id) alone. The first is drawn by weight from all; each further one
  /// from those left that have as many pictures as the first; fewer where there are no more.
  std::vector<std::string> pick_kinds(uint64_t seed, int64_t id) const;

 private:
  struct Candidate {
    std::string name;
    int64_t pictures;
    double weight;
  };
  std::vector<Candidate> candidates_;
  int64_t kinds_per_picture_;
};

}  // namespace fusion
