#include "fusion/train_plan.h"

#include <iostream>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "fusion/flag_checks.h"
#include "workflows/training/plan/plan_report.h"

namespace fusion::app {

namespace {

PlannedDevice planned_device(const PlanFlags& flags, c10::Device here) {
  PlannedDevice device = flags.gpu.empty() ? this_device(here) : find_device(flags.gpu);
  if (flags.gpu.empty() && here.is_cpu()) {
    // Processes of one machine share its memory and its cores.
    device.memory /= static_cast<uint64_t>(flags.world_size);
    device.float32 /= static_cast<double>(flags.world_size);
    device.bfloat16 /= static_cast<double>(flags.world_size);
  }
  if (flags.device_memory) device.memory = *flags.device_memory;
  if (flags.device_flops) device.float32 = device.bfloat16 = *flags.device_flops;
  return device;
}

/// What CLI11 reads as an amount of bytes may have a sign, which it then wraps, or no number at all.
CLI::Validator begins_with_digit() {
  FlagCheck check = flag_check([](const std::string& text) {
    if (!text.empty() && text.front() >= '0' && text.front() <= '9') return;
    throw Error({.expected = "bytes, such as 24GB", .got = text.empty() ? "an empty text" : printable(text)});
  });
  return {[check = std::move(check)](std::string& text) { return check(text); }, ""};
}

}  // namespace

void add_plan_flags(CLI::App& train, PlanFlags& flags) {
  CLI::Option* const dry_run =
      train.add_flag("--dry-run", flags.dry_run, "Print what the run will be and cost, and train nothing");
  constexpr int64_t kMany = int64_t{1} << 40;
  constexpr int64_t kMostBytes = int64_t{1} << 50;
  const std::string group = "With --dry-run";
  const auto own = [&](CLI::Option* option) { return option->needs(dry_run)->configurable(false)->group(group); };
  own(train.add_option("--world-size", flags.world_size, "Processes, one a GPU"))
      ->check(whole_number(1, 1 << 20))
      ->capture_default_str();
  own(train.add_option("--model", flags.model, "Plan with this folder or preset in place of the config's model"))
      ->type_name("FOLDER");
  own(train.add_option("--gpu", flags.gpu, "What it runs on; default: this machine's device"))
      ->check(one_of(device_names()));
  own(train.add_option("--device-memory", flags.device_memory, "Memory of each process, such as 24GB"))
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/true))
      ->transform(begins_with_digit())  // comes before the transformation above
      ->check(whole_number(1, kMostBytes));
  own(train.add_option("--device-flops", flags.device_flops, "Operations a second in products, such as 989e12"))
      ->check(number_within(1, 1e24));
  own(train.add_option("--utilisation", flags.utilisation, "Share of them that a step reaches"))
      ->check(number_within(0.001, 1))
      ->capture_default_str();
  own(train.add_option("--records", flags.records, "How many records there are, where the data are not here"))
      ->check(whole_number(1, kMany));
  own(train.add_option("--mean-length", flags.mean_length,
                       "Positions of an ordinary sequence, where the data are not here; default: max_length"))
      ->check(whole_number(1, kMany));
  own(train.add_flag("--json", flags.json, "Print JSON"));
}

void show_plan(const TrainConfig& config, const PlanFlags& flags, c10::Device here) {
  const RunPlan plan = plan_run(config, {.world_size = flags.world_size,
                                         .device = planned_device(flags, here),
                                         .utilisation = flags.utilisation,
                                         .model = flags.model,
                                         .records = flags.records,
                                         .mean_length = flags.mean_length});
  std::cout << (flags.json ? json_report(plan).dump(2) + "\n" : text_report(plan)) << std::flush;
  require_fit(plan);
}

}  // namespace fusion::app
