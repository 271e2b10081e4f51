#include "workflows/evaluation/integration/modality_distance.h"

#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_eigvalsh.h>

#include <tuple>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr double kOutlierDeviations = 3;

/// Mean [D] and covariance [D, D] of rows.
std::tuple<torch::Tensor, torch::Tensor> moments(const torch::Tensor& rows) {
  const auto mean = rows.mean(0);
  const auto centred = rows - mean;
  return {mean, torch::matmul(centred.t(), centred) / (rows.size(0) - 1)};
}

/// tr((A B)^(1/2)) of two covariances. A B has the eigenvalues of A^(1/2) B A^(1/2), which is symmetric.
double trace_of_root(const torch::Tensor& a, const torch::Tensor& b) {
  const auto [values, vectors] = at::linalg_eigh(a);
  const auto root = torch::matmul(vectors * values.clamp_min(0).sqrt(), vectors.t());
  const auto product = torch::matmul(torch::matmul(root, b), root);
  return at::linalg_eigvalsh((product + product.t()) / 2).clamp_min(0).sqrt().sum().item<double>();
}

torch::Tensor without_outliers(const torch::Tensor& rows) {
  const auto lengths = rows.norm(2, {1});
  const auto far = (lengths - lengths.median()).abs() > kOutlierDeviations * lengths.std();
  return torch::where(far.unsqueeze(1), std::get<0>(rows.median(0)).unsqueeze(0), rows);
}

void require_rows(const torch::Tensor& rows, const char* who) {
  if (rows.dim() == 2 && rows.size(0) >= 2) return;
  throw Error({.who = who,
               .expected = "at least two vectors, [n, D]",
               .got = "shape " + join(rows.sizes(), "x"),
               .hint = "take more records, with pictures and longer texts"});
}

}  // namespace

double frechet_distance(const torch::Tensor& a, const torch::Tensor& b) {
  require_rows(a, "first sample");
  require_rows(b, "second sample");
  const auto [mean_a, covariance_a] = moments(a.to(torch::kFloat64));
  const auto [mean_b, covariance_b] = moments(b.to(torch::kFloat64));
  const double between = (mean_a - mean_b).square().sum().item<double>();
  const double within = (covariance_a.trace() + covariance_b.trace()).item<double>();
  return between + within - 2 * trace_of_root(covariance_a, covariance_b);
}

double modality_distance(const torch::Tensor& pictures, const torch::Tensor& texts) {
  require_rows(pictures, "picture states");
  require_rows(texts, "text states");
  const auto wide_texts = texts.to(torch::kFloat64);
  const auto scale = wide_texts.norm(2, {1}).mean().reciprocal();
  return frechet_distance(without_outliers(pictures.to(torch::kFloat64) * scale), without_outliers(wide_texts * scale));
}

}  // namespace fusion
