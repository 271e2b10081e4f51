#include "workflows/training/loop/same_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

/// The second of two processes, the first of which is to begin with `first`.
class SecondProcess : public Communicator {
 public:
  explicit SecondProcess(torch::Tensor first) : first_(std::move(first)) {}
  int64_t rank() const override { return 1; }
  int64_t world_size() const override { return 2; }
  void all_reduce_sum(torch::Tensor&) override {}
  void reduce_scatter_sum(torch::Tensor&, const torch::Tensor&) override {}
  void all_gather(torch::Tensor&, const torch::Tensor&) override {}
  void broadcast(torch::Tensor& tensor, int64_t) override {
    if (first_.defined()) {
      tensor.copy_(first_);
    } else {
      seen = tensor.clone();
    }
  }
  void barrier() override {}

  torch::Tensor seen;

 private:
  torch::Tensor first_;
};

RunPosition position_of(int64_t seed) {
  RunPosition position;
  position.total_steps = 10;
  position.config = {{"seed", seed}, {"model", "here"}, {"output", "there"}, {"data", {{"mixture", "x"}}}};
  return position;
}

/// What process 1 says when process 0 begins with `first` at `first_step`.
std::string refusal_of(const RunPosition& first, int64_t first_step, const RunPosition& second, int64_t second_step) {
  SecondProcess watched{torch::Tensor()};
  require_same_start(first, first_step, torch::kCPU, watched);
  SecondProcess process(watched.seen);
  return error_of([&] { require_same_start(second, second_step, torch::kCPU, process); });
}

TEST(SameStart, WhereThingsLieMayDiffer) {
  RunPosition elsewhere = position_of(1);
  elsewhere.config["output"] = "another mount";
  SecondProcess watched{torch::Tensor()};
  require_same_start(position_of(1), 4, torch::kCPU, watched);
  SecondProcess process(watched.seen);
  require_same_start(elsewhere, 4, torch::kCPU, process);
}

TEST(SameStart, WhatDecidesNumbersMayNot) {
  RunPosition other_data = position_of(1);
  other_data.data_fingerprint = 7;
  EXPECT_THAT(refusal_of(position_of(1), 4, position_of(1), 0), HasSubstr("the latest checkpoint"));
  EXPECT_THAT(refusal_of(position_of(1), 4, position_of(2), 4), HasSubstr("the settings"));
  EXPECT_THAT(refusal_of(position_of(1), 4, other_data, 4), HasSubstr("the data"));
  RunPosition other_tokenizer = position_of(1);
  other_tokenizer.model_files = {{"tokenizer.json", 7}};
  EXPECT_THAT(refusal_of(position_of(1), 4, other_tokenizer, 4),
              HasSubstr("another view of the model's tokenizer.json"));
}

}  // namespace
}  // namespace fusion
