#include "workflows/parity/compare.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "foundation/core/text.h"

namespace fusion {

namespace {

// Below this a gradient is rounding noise, and so is the sign of Adam's step (parity/goldens/README.md).
constexpr double kNoiseGradient = 1e-6;

bool starts_with_any(const std::string& name, std::initializer_list<const char*> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const char* prefix) { return name.starts_with(prefix); });
}

/// Whether dimension 1 of the stage is the merged sequence, so that its padding must be left out.
bool is_sequence_stage(const std::string& name) {
  return starts_with_any(name, {"llm.", "prep.inputs_embeds"}) || name == "logits" ||
         (name.starts_with("interaction.") && name.ends_with(".hidden"));
}

class Comparison {
 public:
  Comparison(const GoldenCase& golden, const Replay& replay, const ParityBounds& bounds)
      : golden_(golden), replay_(replay), bounds_(bounds) {}

  std::vector<StageCheck> run() {
    for (const auto& [name, expected] : golden_.tensors) {
      if (name.starts_with("in.") || name == "gen.input_ids" || name == "gen.labels") continue;
      check_tensor(name, expected);
    }
    for (const auto& [name, norm] : golden_.grad_norms) check_norm(name, norm);
    if (golden_.adamw1) check_optimizer("adamw1", *golden_.adamw1, replay_.adamw1);
    if (golden_.adamw3) check_optimizer("adamw3", *golden_.adamw3, replay_.adamw3);
    return std::move(checks_);
  }

 private:
  void add(StageCheck check) {
    check.holds = check.problem.empty() && check.error <= check.bound;
    checks_.push_back(std::move(check));
  }

  void check_tensor(const std::string& name, const torch::Tensor& expected) {
    StageCheck check{.name = name, .shape = join(expected.sizes(), "x")};
    const auto found = replay_.stages.find(name);
    if (found == replay_.stages.end()) {
      check.problem = "not computed";
    } else if (found->second.sizes() != expected.sizes()) {
      check.problem = "has shape " + join(found->second.sizes(), "x");
    } else if (!expected.is_floating_point()) {
      check.error = static_cast<double>(found->second.ne(expected).sum().item<int64_t>());
    } else if (starts_with_any(name, {"adamw1.", "adamw3."})) {
      check_step(check, found->second, expected);
    } else {
      check.bound = name.starts_with("grad.") ? bounds_.gradient : bounds_.stage;
      check.error = is_sequence_stage(name) ? relative_error(unpadded(found->second), unpadded(expected))
                                            : relative_error(found->second, expected);
    }
    add(std::move(check));
  }

  torch::Tensor unpadded(const torch::Tensor& tensor) const {
    const auto valid = golden_.at("prep.attention_mask").flatten().nonzero().squeeze(1);
    return tensor.flatten(0, 1).index_select(0, valid);
  }

  /// A parameter after optimizer steps. Entries whose gradient is noise may be off by the steps' whole length.
  void check_step(StageCheck& check, const torch::Tensor& got, const torch::Tensor& expected) const {
    const bool first = check.name.starts_with("adamw1.");
    const GoldenOptimizer& settings = first ? *golden_.adamw1 : *golden_.adamw3;
    const OptimizerRun& run = first ? replay_.adamw1 : replay_.adamw3;
    check.bound = bounds_.stage;
    const auto smallest = run.smallest_gradients.find(check.name.substr(std::string("adamw1.").size()));
    if (smallest == run.smallest_gradients.end()) {
      check.error = relative_error(got, expected);
      return;
    }
    auto noise = smallest->second < kNoiseGradient;
    // What the reference's own gradient says of the first step, where the case has it.
    const auto golden_gradient = golden_.tensors.find("grad." + smallest->first);
    if (golden_gradient != golden_.tensors.end()) noise = noise | (golden_gradient->second.abs() < kNoiseGradient);
    const auto difference = (got - expected).abs();
    const double scale = std::max(largest(expected.abs()), 1e-30);
    check.error = largest(difference.masked_fill(noise, 0)) / scale;
    const double noise_error = largest(difference.masked_fill(noise.logical_not(), 0));
    const double noise_bound = 2 * settings.lr * static_cast<double>(settings.steps);
    if (noise_error > noise_bound)
      check.problem = cat("noise entries are off by ", noise_error, ", past ", noise_bound);
  }

  void check_norm(const std::string& name, const std::optional<double>& expected) {
    StageCheck check{.name = "grad_norm." + name, .shape = "1", .bound = bounds_.gradient};
    const auto found = replay_.stages.find("grad." + name);
    const bool has_gradient = found != replay_.stages.end();
    if (has_gradient != expected.has_value()) {
      check.problem = has_gradient ? "has a gradient, the reference none" : "has no gradient, the reference one";
    } else if (has_gradient) {
      const double norm = found->second.norm().item<double>();
      // A norm that is rounding noise against the whole (k_proj.bias: softmax does not see a shift of all keys).
      check.error = norm < kNoiseGradient && *expected < kNoiseGradient ? 0 : relative_error(norm, *expected);
    }
    add(std::move(check));
  }

  void check_optimizer(const std::string& prefix, const GoldenOptimizer& expected, const OptimizerRun& got) {
    check_numbers(prefix + ".loss.", expected.losses, got.losses, bounds_.stage);
    check_numbers(prefix + ".grad_norm.", expected.grad_norms, got.grad_norms, bounds_.gradient);
  }

  void check_numbers(const std::string& prefix, const std::vector<double>& expected, const std::vector<double>& got,
                     double bound) {
    for (size_t i = 0; i < expected.size(); ++i) {
      StageCheck check{.name = cat(prefix, i), .shape = "1", .bound = bound};
      if (i < got.size()) {
        check.error = relative_error(got[i], expected[i]);
      } else {
        check.problem = "not computed";
      }
      add(std::move(check));
    }
  }

  const GoldenCase& golden_;
  const Replay& replay_;
  ParityBounds bounds_;
  std::vector<StageCheck> checks_;
};

}  // namespace

std::vector<StageCheck> compare(const GoldenCase& golden, const Replay& replay, const ParityBounds& bounds) {
  return Comparison(golden, replay, bounds).run();
}

}  // namespace fusion
