#pragma once
// Names and shapes: what a model registers against what a file holds.

#include <cstdint>
#include <string>
#include <vector>

namespace fusion {

struct TensorSpec {
  std::string name;
  std::vector<int64_t> shape;  ///< empty for a scalar

  bool operator==(const TensorSpec&) const = default;
};

struct MisshapenTensor {
  std::string name;
  std::vector<int64_t> expected;
  std::vector<int64_t> got;
};

/// Everything that differs between two tables, each list in alphabetical order.
struct TableDiff {
  std::vector<std::string> missing;     ///< expected, not there
  std::vector<std::string> unexpected;  ///< there, not expected
  std::vector<MisshapenTensor> misshapen;

  bool empty() const { return missing.empty() && unexpected.empty() && misshapen.empty(); }
  /// One line: "2 missing: a, b; 1 unexpected: c; 1 mis-shaped: d [4] instead of [3]". Lists of up to 40 name every
  /// tensor. In longer ones names that differ only in their first number share an entry,
  /// "model.layers.{0-31}.mlp.down_proj.weight", and of more than 40 entries the rest is counted.
  std::string describe() const;
};

/// Compares by name. A name given twice in one table counts once, with its last shape.
TableDiff compare_tables(const std::vector<TensorSpec>& expected, const std::vector<TensorSpec>& actual);

/// Reads a table of lines "NAME<TAB>AxBxC" (a scalar's line ends after the tab). Throws Error that names file and line.
std::vector<TensorSpec> read_tensor_table(const std::string& path);

}  // namespace fusion
