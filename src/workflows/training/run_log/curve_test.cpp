#include "workflows/training/run_log/curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "foundation/config/test_support.h"
#include "workflows/training/run_log/metrics_log.h"

namespace fusion {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<double> heights(const Curve& curve) {
  std::vector<double> all;
  for (const CurvePoint& point : curve) all.push_back(point.y);
  return all;
}

std::vector<double> places_of(const Curve& curve) {
  std::vector<double> all;
  for (const CurvePoint& point : curve) all.push_back(point.x);
  return all;
}

RunRecord three_steps() {
  RunRecord run{.name = "run", .steps = {}, .validations = {}};
  for (int64_t step = 1; step <= 3; ++step) {
    run.steps.push_back({.step = 10 * step, .loss = 1.0 / static_cast<double>(step), .tokens = 100, .seconds = 2});
  }
  run.steps[1].grad_norm = 7;
  run.validations = {{.step = 0, .loss = 5}, {.step = 20, .loss = 4, .exact_match = 0.5}, {.step = 99, .loss = 3}};
  return run;
}

TEST(Metrics, EveryFieldCanBeDrawn) {
  const auto visit = [](const auto& field) {
    if (field.name == "step") return;
    EXPECT_NO_THROW(find_plot_metric(std::string(field.name)));
  };
  std::apply([&](const auto&... each) { (visit(each), ...); }, StepMetrics::fields());
  std::apply([&](const auto&... each) { (visit(each), ...); }, ValidationMetrics::fields());
}

TEST(Metrics, AnUnknownOneIsAnErrorWithTheNearest) {
  EXPECT_THAT(error_of([] { find_plot_metric("los_ce"); }), HasSubstr("did you mean 'loss_ce'?"));
  EXPECT_THAT(error_of([] { plot_axis("tokns"); }), HasSubstr("expected step, tokens or time, got 'tokns'"));
}

TEST(StepCurve, StandsOverStepsTokensOrTime) {
  const RunRecord run = three_steps();
  const PlotMetric& loss = find_plot_metric("loss");
  EXPECT_THAT(heights(step_curve(run, loss, PlotAxis::kStep)), ElementsAre(1, 0.5, 1.0 / 3));
  EXPECT_THAT(places_of(step_curve(run, loss, PlotAxis::kStep)), ElementsAre(10, 20, 30));
  EXPECT_THAT(places_of(step_curve(run, loss, PlotAxis::kTokens)), ElementsAre(100, 200, 300));
  EXPECT_THAT(places_of(step_curve(run, loss, PlotAxis::kTime)), ElementsAre(2, 4, 6));
  EXPECT_THAT(places_of(step_curve(run, find_plot_metric("grad_norm"), PlotAxis::kStep)), ElementsAre(20));
  EXPECT_THAT(heights(step_curve(run, find_plot_metric("tokens_per_second"), PlotAxis::kStep)),
              ElementsAre(50, 50, 50));
}

TEST(ValidationCurve, StandsAtTheLastStepBefore) {
  const RunRecord run = three_steps();
  EXPECT_THAT(places_of(validation_curve(run, find_plot_metric("loss"), PlotAxis::kStep)), ElementsAre(0, 20, 30));
  EXPECT_THAT(places_of(validation_curve(run, find_plot_metric("exact_match"), PlotAxis::kTime)), ElementsAre(4));
  EXPECT_THAT(validation_curve(run, find_plot_metric("grad_norm"), PlotAxis::kStep), IsEmpty());
}

TEST(Smoothed, IsUnbiasedFromTheFirstPointOn) {
  constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(heights(smoothed({{0, 3}, {1, 3}, {2, 3}}, 0.9)),
              ElementsAre(DoubleNear(3, 1e-12), DoubleNear(3, 1e-12), DoubleNear(3, 1e-12)));
  // Weights 1 and 1/2: (2 * 1 + 4 * 2) / 3.
  EXPECT_THAT(heights(smoothed({{0, 2}, {1, 4}}, 0.5)), ElementsAre(2, DoubleNear(10.0 / 3, 1e-12)));
  EXPECT_THAT(heights(smoothed({{0, 2}, {1, 4}}, 0)), ElementsAre(2, 4));
  const Curve gap = smoothed({{0, 2}, {1, kGap}, {2, 4}}, 0.5);
  EXPECT_TRUE(std::isnan(gap[1].y));
  EXPECT_NEAR(gap[2].y, 10.0 / 3, 1e-12);
}

TEST(Thinned, KeepsEveryPeakAndGap) {
  Curve curve;
  for (int i = 0; i < 100'000; ++i) curve.push_back({static_cast<double>(i), std::sin(i * 0.1)});
  curve[5'003].y = 40;
  curve[70'001].y = -30;
  curve[90'001].y = std::numeric_limits<double>::quiet_NaN();
  const Curve thin = thinned(curve, 200);
  EXPECT_LE(thin.size(), 4u * 202);
  const std::vector<double> y = heights(thin);
  EXPECT_EQ(*std::max_element(y.begin(), y.end()), 40);
  EXPECT_EQ(*std::min_element(y.begin(), y.end()), -30);
  EXPECT_EQ(std::count_if(y.begin(), y.end(), [](double value) { return std::isnan(value); }), 1);
  const std::vector<double> x = places_of(thin);
  EXPECT_TRUE(std::is_sorted(x.begin(), x.end()));
  EXPECT_EQ(x.back(), 99'999);
  EXPECT_THAT(thinned({{0, 1}, {1, 2}}, 200), SizeIs(2));
}

TEST(ReadRuns, NamesThemByWhatDiffers) {
  const ScratchFolder folder;
  for (const char* name : {"a/lora", "b/lora", "b/full"}) {
    std::filesystem::create_directories(folder / name);
    MetricsLog(folder / name, 0).add(StepMetrics{.step = 1});
  }
  const auto names = [&](std::vector<std::string> paths) {
    for (std::string& path : paths) path = folder / path;
    std::vector<std::string> all;
    for (const RunRecord& run : read_runs(paths)) all.push_back(run.name);
    return all;
  };
  EXPECT_THAT(names({"a/lora/", "b/full/metrics.jsonl"}), ElementsAre("lora", "full"));
  EXPECT_THAT(names({"a/lora", "b/lora"}), ElementsAre("a/lora", "b/lora"));
  std::filesystem::copy(folder / "b/full/metrics.jsonl", folder / "old.jsonl");
  EXPECT_THAT(names({"old.jsonl"}), ElementsAre("old"));
  EXPECT_THAT(names({"b/full", "b/full"}), SizeIs(2));
}

TEST(ReadRuns, WhatIsNoRunIsAnError) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { read_runs({folder.path()}); }), HasSubstr("the folder of a training run"));
  EXPECT_THAT(error_of([&] { read_runs({folder / "none"}); }), HasSubstr("expected a readable file"));
  folder.put(kMetricsFile, "");
  EXPECT_THAT(error_of([&] { read_runs({folder.path()}); }), HasSubstr("expected at least one step, got none"));
}

}  // namespace
}  // namespace fusion
