#include "workflows/inference/answer_bench.h"

#include <algorithm>
#include <chrono>

namespace fusion {

namespace {

/// A stage's step and when it began.
struct Event {
  GenerationStage stage;
  double at;
};

}  // namespace

StageTimes measure_answer(const Assistant& assistant, const Question& question) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto now = [start] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  std::vector<Event> events;
  const AnswerListener listener{
      .on_progress = [&](const GenerationProgress& progress) { events.push_back({progress.stage, now()}); }};
  const Answer answer = assistant.answer(question, listener);

  StageTimes times{.first_token = answer.times.first_token, .prompt_positions = answer.generation.prompt_length};
  if (!events.empty()) times.preparing = events.front().at;
  for (size_t i = 0; i + 1 < events.size(); ++i) {
    const double seconds = events[i + 1].at - events[i].at;
    switch (events[i].stage) {
      case GenerationStage::kLooking:
        times.tiles.push_back(seconds);
        break;
      case GenerationStage::kReading:
        times.prefill += seconds;
        break;
      case GenerationStage::kAnswering:
        times.tokens.push_back(seconds);
        break;
    }
  }
  return times;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace fusion
