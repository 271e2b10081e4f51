#include "workflows/parity/checks.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/nn/tensor_io.h"

namespace fusion {

namespace {

/// Begins a check: done already where the shapes differ.
StageCheck begin_check(const std::string& name, const torch::Tensor& got, const torch::Tensor& expected) {
  StageCheck check{.name = name, .shape = join(expected.sizes(), "x")};
  if (got.sizes() != expected.sizes()) check.problem = "has shape " + join(got.sizes(), "x");
  return check;
}

}  // namespace

double largest(const torch::Tensor& magnitudes) {
  return magnitudes.numel() == 0 ? 0.0 : magnitudes.max().item<double>();
}

double relative_error(const torch::Tensor& got, const torch::Tensor& expected) {
  const double scale = largest(expected.abs());
  const double error = largest((got - expected).abs());
  return scale > 0 ? error / scale : error;
}

double relative_error(double got, double expected) {
  return std::abs(got - expected) / std::max(std::abs(expected), 1e-30);
}

StageCheck equal_tensor(const std::string& name, const torch::Tensor& got, const torch::Tensor& expected) {
  StageCheck check = begin_check(name, got, expected);
  if (check.problem.empty()) check.error = static_cast<double>(got.ne(expected).sum().item<int64_t>());
  check.holds = check.problem.empty() && check.error == 0;
  return check;
}

StageCheck near_tensor(const std::string& name, const torch::Tensor& got, const torch::Tensor& expected, double bound) {
  StageCheck check = begin_check(name, got, expected);
  check.bound = bound;
  if (check.problem.empty()) check.error = relative_error(got, expected);
  check.holds = check.problem.empty() && check.error <= bound;
  return check;
}

StageCheck equal_text(const std::string& name, const std::string& got, const std::string& expected) {
  const auto differ = std::mismatch(got.begin(), got.end(), expected.begin(), expected.end());
  const auto at = static_cast<size_t>(differ.first - got.begin());
  const bool holds = got == expected;
  StageCheck check{.name = name, .shape = cat(expected.size()), .error = holds ? 0.0 : 1.0, .holds = holds};
  if (!holds) {
    check.problem = cat("from byte ", at, " on: \"", printable(got.substr(at), 30), "\" instead of \"",
                        printable(expected.substr(at), 30), "\"");
  }
  return check;
}

StageCheck equal_ids(const std::string& name, const std::vector<int64_t>& got, const std::vector<int64_t>& expected) {
  const auto at = std::mismatch(got.begin(), got.end(), expected.begin(), expected.end()).first - got.begin();
  const bool holds = got == expected;
  StageCheck check{.name = name, .shape = cat(expected.size()), .error = holds ? 0.0 : 1.0, .holds = holds};
  if (!holds) check.problem = cat(got.size(), " ids, different from place ", at, " on");
  return check;
}

Trace read_tensors(const std::string& path) {
  const auto file = SafetensorsFile::open(path);
  Trace tensors;
  for (const TensorView& view : file->tensors()) tensors[view.name] = tensor_of(file, view);
  return tensors;
}

const torch::Tensor& tensor_in(const Trace& tensors, const std::string& name, const std::string& file) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw Error({.who = file, .expected = "a tensor " + name, .got = "none of that name"});
  return found->second;
}

}  // namespace fusion
