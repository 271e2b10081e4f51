// fusion bench: how long the stages of an answer take on this machine.

#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "fusion/answer_report.h"
#include "fusion/commands.h"
#include "fusion/generation_options.h"
#include "fusion/terminal_output.h"
#include "workflows/inference/answer_bench.h"
#include "workflows/inference/machine.h"

namespace fusion::app {

namespace {

struct BenchFlags {
  std::string picture;
  std::string first = "Describe the picture in detail.";
  std::string second = "Which colours do you see in it?";
  GenerationFlags shared;
};

/// Two questions on one picture, the second with the tiles already known.
struct BenchResult {
  Machine machine;
  double load = 0;
  StageTimes first;
  StageTimes second;
  MemoryUse memory;
};

nlohmann::json json_of(const StageTimes& times) {
  return {{"prompt_positions", times.prompt_positions},
          {"preparing", times.preparing},
          {"tiles", times.tiles},
          {"prefill", times.prefill},
          {"first_token", times.first_token},
          {"tokens", times.tokens},
          {"median_token", median(times.tokens)}};
}

nlohmann::json json_of(const BenchResult& result, const std::string& model) {
  return {{"model", model},
          {"machine",
           {{"cpu", result.machine.cpu},
            {"cores", result.machine.cores},
            {"memory", result.machine.memory},
            {"torch", result.machine.torch},
            {"threads", result.machine.threads}}},
          {"seconds", {{"load", result.load}, {"first", json_of(result.first)}, {"second", json_of(result.second)}}},
          {"bytes",
           {{"peak_resident", result.memory.peak_resident},
            {"file_pages", result.memory.file_pages},
            {"own_pages", result.memory.own_pages}}}};
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, seconds < 1 ? "%.3f s" : "%.2f s", seconds);
  return text;
}

void print_row(const std::string& name, const std::string& first, const std::string& second) {
  char line[160];
  std::snprintf(line, sizeof line, "%-28s %14s %14s\n", name.c_str(), first.c_str(), second.c_str());
  std::cout << line;
}

void print_row(const std::string& name, double first, double second) {
  print_row(name, seconds_text(first), seconds_text(second));
}

std::string rate_text(const std::vector<double>& tokens) {
  const double seconds = median(tokens);
  char text[32];
  std::snprintf(text, sizeof text, "%.2f tokens/s", seconds > 0 ? 1 / seconds : 0.0);
  return text;
}

void print_table(const BenchResult& result, const std::string& model) {
  const StageTimes& first = result.first;
  const StageTimes& second = result.second;
  const auto sum = [](const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); };
  std::cout << model << "\n"
            << result.machine.cpu << ", " << result.machine.cores << " cores, " << bytes_text(result.machine.memory)
            << " of memory, torch " << result.machine.torch << ", " << result.machine.threads << " threads\n\n";
  print_row("", "first question", "second");
  print_row("load", seconds_text(result.load), "-");
  print_row("prepare words and tiles", first.preparing, second.preparing);
  print_row("tiles encoded", cat(first.tiles.size()), cat(second.tiles.size()));
  print_row("  each (median)", median(first.tiles), median(second.tiles));
  print_row("  all", sum(first.tiles), sum(second.tiles));
  print_row("prefill positions", cat(first.prompt_positions), cat(second.prompt_positions));
  print_row("prefill", first.prefill, second.prefill);
  print_row("to the first token", first.first_token, second.first_token);
  print_row("further tokens", cat(first.tokens.size()), cat(second.tokens.size()));
  print_row("  each (median)", median(first.tokens), median(second.tokens));
  print_row("  rate", rate_text(first.tokens), rate_text(second.tokens));
  std::cout << "\npeak resident memory " << bytes_text(result.memory.peak_resident) << "; now "
            << bytes_text(result.memory.own_pages) << " of its own and " << bytes_text(result.memory.file_pages)
            << " of mapped files\n";
}

void run_bench(const BenchFlags& flags) {
  const GenerationFlags& shared = flags.shared;
  const auto picture = load_picture(shared, flags.picture);
  const StageLine stages(shared.quiet || shared.json);
  const auto start = std::chrono::steady_clock::now();
  const Assistant assistant = load_assistant(shared, stages);
  BenchResult result;
  result.load = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  Question question = blank_question(shared, assistant);
  question.pictures = {picture};
  question.turns = single_question(flags.first, true);
  stages.show("first question...");
  result.first = measure_answer(assistant, question);
  question.turns = single_question(flags.second, true);
  stages.show("second question...");
  result.second = measure_answer(assistant, question);
  stages.clear();
  result.machine = describe_machine();
  result.memory = memory_use();
  if (shared.json) {
    std::cout << json_text(json_of(result, shared.model), 2) << "\n";
  } else {
    print_table(result, shared.model);
  }
}

}  // namespace

void add_bench(CLI::App& app) {
  const auto flags = std::make_shared<BenchFlags>();
  flags->shared.generation.max_new_tokens = 16;
  CLI::App* command = app.add_subcommand("bench", "Measure the stages of two answers about one picture");
  command->add_option("picture", flags->picture, "JPEG, PNG or WebP file")->type_name("FILE")->required();
  command->add_option("--first", flags->first, "The first question")->capture_default_str();
  command->add_option("--second", flags->second, "The question that finds the picture's tiles known")
      ->capture_default_str();
  add_generation_flags(*command, flags->shared);
  command->footer("Example:\n  fusion bench examples/cat.jpg --model models/FUSION-Phi3.5-3B --max-tokens 16");
  command->callback([flags] { run_bench(*flags); });
}

}  // namespace fusion::app
