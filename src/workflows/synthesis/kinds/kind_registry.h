#pragma once
// The kinds of a run: the built-in twelve, and what the recipe's `kind_files` add or replace.

#include <string>
#include <string_view>
#include <vector>

#include "workflows/synthesis/kinds/kind.h"

namespace fusion {

class KindRegistry {
 public:
  /// The twelve of FUSION: Color, Count, Spatial, Scene, Text; MultiChoice, ConvShort, ConvLong, ContrastShort,
  /// ContrastLong, Reasoning, TextQA.
  static KindRegistry built_in();

  /// One more; the same name replaces. Throws Error on values that do not fit together (kind_file.h).
  void add(Kind kind);
  /// The kind of a file (kind_file.h).
  void add_file(const std::string& path);

  /// Throws Error with the name that it resembles.
  const Kind& find(std::string_view name) const;
  /// In the order in which they were added.
  const std::vector<Kind>& kinds() const { return kinds_; }
  std::vector<std::string> names() const;

 private:
  std::vector<Kind> kinds_;
};

}  // namespace fusion
