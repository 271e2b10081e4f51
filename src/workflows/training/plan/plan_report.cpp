#include "workflows/training/plan/plan_report.h"

#include <cmath>
#include <iomanip>
#include <sstream>
#include <string_view>

#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion {

namespace {

using nlohmann::ordered_json;

uint64_t whole(double value) {
  constexpr double kMost = 1e18;
  return static_cast<uint64_t>(std::llround(std::min(value, kMost)));
}

std::string bytes(double value) {
  return bytes_text(whole(value));
}

/// "1.23e+21"
std::string scientific(double value) {
  std::ostringstream out;
  out << std::scientific << std::setprecision(2) << value;
  return out.str();
}

/// One digit below 100, none above.
std::string rounded(double value) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(value < 0.95 ? 3 : value < 100 ? 1 : 0) << value;
  return out.str();
}

std::string whole_text(const std::optional<int64_t>& value) {
  return value ? grouped_text(static_cast<uint64_t>(*value)) : "not known";
}

struct MemoryRow {
  std::string_view key;
  std::string_view label;
  double bytes;
};

/// One list for both reports.
std::vector<MemoryRow> memory_rows(const MemoryPlan& memory) {
  const ActivationMemory& activations = memory.activations;
  return {{"weights", "weights", memory.weights},
          {"narrow_weights", "their copies in 16 bits", memory.narrow_weights},
          {"gradients", "gradients", memory.gradients},
          {"gradients_moving", "gradients being summed", memory.gradients_moving},
          {"optimizer", "AdamW's averages", memory.optimizer},
          {"ema", "average of the weights", memory.ema},
          {"pixels", "micro-batch: pixels", activations.pixels},
          {"tower", "  tower", activations.tower},
          {"connector", "  projectors, context", activations.connector},
          {"decoder", "  decoder", activations.decoder},
          {"interaction", "  interaction layers", activations.interaction},
          {"head", "  head", activations.head},
          {"work", "  beside, at the peak", activations.work}};
}

class Report {
 public:
  void section(std::string_view title) { out_ << "\n" << title << "\n"; }
  void line(std::string_view label, std::string_view value) {
    out_ << "  " << std::left << std::setw(kLabelWidth) << label << value << "\n";
  }
  void number(std::string_view label, std::string_view value, std::string_view remark = "") {
    out_ << "  " << std::left << std::setw(kLabelWidth) << label << std::right << std::setw(kNumberWidth) << value;
    if (!remark.empty()) out_ << "  " << remark;
    out_ << "\n";
  }
  void row(std::string_view name, std::string_view tensors, std::string_view parameters, std::string_view rate,
           std::string_view decay) {
    out_ << "  " << std::left << std::setw(kGroupWidth) << name << std::right << std::setw(8) << tensors
         << std::setw(kNumberWidth) << parameters << std::setw(15) << rate << std::setw(14) << decay << "\n";
  }
  std::ostringstream& out() { return out_; }

 private:
  static constexpr int kLabelWidth = 26;
  static constexpr int kNumberWidth = 16;
  static constexpr int kGroupWidth = 34;
  std::ostringstream out_;
};

void report_groups(const RunPlan& plan, Report& report) {
  report.section("Parameters");
  report.row("group", "tensors", "parameters", "learning rate", "weight decay");
  for (const PlannedGroup& group : plan.groups) {
    report.row(group.name, cat(group.tensors), grouped_text(group.parameters), cat(group.learning_rate),
               cat(group.weight_decay));
  }
  if (plan.frozen > 0) report.row("frozen", "", grouped_text(plan.frozen), "-", "-");
  report.row("all", "", grouped_text(plan.trained + plan.frozen), "", "");
}

void report_steps(const RunPlan& plan, Report& report) {
  const TrainConfig& config = plan.config;
  report.section("Steps");
  report.number("records", whole_text(plan.records), plan.from_data ? "" : plan.records ? "assumed or counted" : "");
  report.number("steps", whole_text(plan.steps), config.steps ? "as configured" : cat("epochs: ", config.epochs));
  report.number("  of which warm-up", whole_text(plan.warmup_steps));
  report.number("samples a step", grouped_text(static_cast<uint64_t>(config.batch_size)),
                cat(plan.options.world_size, " x ", plan.micro_batches, " x ", config.micro_batch_size,
                    ": processes, micro-batches of each, samples of these"));
  report.number("positions a step", grouped_text(whole(plan.tokens_per_step())),
                cat(rounded(plan.ordinary.length), " in an ordinary sequence, ", rounded(plan.longest.length),
                    " in the longest"));
}

void report_memory(const RunPlan& plan, Report& report) {
  report.section("Memory of each process (1 GB = 1,000,000,000 bytes)");
  for (const MemoryRow& row : memory_rows(plan.memory)) {
    if (row.bytes > 0) report.number(row.label, bytes(row.bytes));
  }
  report.number("all", bytes(plan.memory.total()), cat("of ", bytes_text(plan.options.device.memory)));
}

void report_compute(const RunPlan& plan, Report& report) {
  report.section("Compute (floating-point operations)");
  report.number("a step, forward", scientific(plan.step.forward));
  report.number("  gradients", scientific(plan.step.input_gradients + plan.step.weight_gradients));
  if (plan.step.recomputed > 0) report.number("  computed again", scientific(plan.step.recomputed));
  report.number("a step, all", scientific(plan.step.total()));
  if (const auto flops = plan.total_flops()) report.number("the run", scientific(*flops));
  if (plan.speed() == 0) return report.line("time", "not known: give the device's speed");
  const std::string remark =
      cat(plan.options.world_size, " x ", plan.options.device.name, " at ", rounded(100 * plan.options.utilisation),
          " % of ", scientific(plan.speed() / static_cast<double>(plan.options.world_size) / plan.options.utilisation),
          "/s");
  report.number("seconds a step", rounded(plan.step.total() / plan.speed()), remark);
  if (!plan.hours()) return;
  report.number("hours", rounded(*plan.hours()));
  report.number("device hours", rounded(*plan.device_hours()));
}

ordered_json shape_json(const BatchShape& shape) {
  return {{"samples", shape.samples},     {"length", shape.length},   {"instruct", shape.instruct},
          {"questions", shape.questions}, {"latents", shape.latents}, {"targets", shape.targets}};
}

template <class T>
ordered_json optional_json(const std::optional<T>& value) {
  ordered_json json;  // null
  if (value) json = *value;
  return json;
}

ordered_json compute_json(const RunPlan& plan) {
  return {{"forward", plan.step.forward},
          {"input_gradients", plan.step.input_gradients},
          {"weight_gradients", plan.step.weight_gradients},
          {"recomputed", plan.step.recomputed},
          {"step", plan.step.total()},
          {"run", optional_json(plan.total_flops())},
          {"device", plan.options.device.name},
          {"utilisation", plan.options.utilisation},
          {"hours", optional_json(plan.hours())},
          {"device_hours", optional_json(plan.device_hours())}};
}

}  // namespace

std::string text_report(const RunPlan& plan) {
  Report report;
  report.out() << "Plan of " << plan.config.output << "\n";
  report.line("model", plan.model);
  report.line("precision",
              cat(plan.config.precision, plan.config.activation_checkpointing ? ", activations computed again" : ""));
  report_groups(plan, report);
  report_steps(plan, report);
  report_memory(plan, report);
  report_compute(plan, report);
  if (!plan.notes.empty()) report.section("Notes");
  for (const std::string& note : plan.notes) report.out() << "  " << note << "\n";
  return report.out().str();
}

ordered_json json_report(const RunPlan& plan) {
  auto groups = ordered_json::array();
  for (const PlannedGroup& group : plan.groups) {
    groups.push_back({{"name", group.name},
                      {"tensors", group.tensors},
                      {"parameters", group.parameters},
                      {"learning_rate", group.learning_rate},
                      {"weight_decay", group.weight_decay}});
  }
  auto memory = ordered_json::object();
  for (const MemoryRow& row : memory_rows(plan.memory)) memory[std::string(row.key)] = whole(row.bytes);
  memory["total"] = whole(plan.memory.total());
  memory["device"] = plan.options.device.memory;
  const bool fits = plan.memory.total() <= static_cast<double>(plan.options.device.memory);
  return {{"model", plan.model},
          {"world_size", plan.options.world_size},
          {"groups", std::move(groups)},
          {"parameters", {{"trained", plan.trained}, {"frozen", plan.frozen}}},
          {"from_data", plan.from_data},
          {"records", optional_json(plan.records)},
          {"steps", optional_json(plan.steps)},
          {"warmup_steps", optional_json(plan.warmup_steps)},
          {"batch_size", plan.config.batch_size},
          {"micro_batch_size", plan.config.micro_batch_size},
          {"micro_batches", plan.micro_batches},
          {"positions_per_step", plan.tokens_per_step()},
          {"longest", shape_json(plan.longest)},
          {"ordinary", shape_json(plan.ordinary)},
          {"bytes", std::move(memory)},
          {"fits", fits},
          {"flops", compute_json(plan)},
          {"notes", plan.notes}};
}

}  // namespace fusion
