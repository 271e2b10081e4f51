#include "fusion/train_plot.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "foundation/core/text.h"
#include "fusion/usage_error.h"
#include "workflows/training/run_log/plot.h"

namespace fusion::app {

namespace {

struct PlotFlags {
  std::vector<std::string> runs;
  std::string out;
  std::string x = "step";
  PlotOptions options;
};

void run_plot(PlotFlags& flags) {
  checked_flag([&] {
    flags.options.x = plot_axis(flags.x);
    check(flags.options);
    picture_format(flags.out);
  });
  plot_runs(flags.runs, flags.out, flags.options);
  std::cout << "Wrote " << flags.out << "\n";
}

std::string metric_names() {
  std::vector<std::string> names;
  for (const PlotMetric& metric : plot_metrics()) names.push_back(metric.name);
  return join(names, ", ");
}

}  // namespace

void add_train_plot(CLI::App& train) {
  const auto flags = std::make_shared<PlotFlags>();
  PlotOptions& options = flags->options;
  CLI::App* command = train.add_subcommand("plot", "Draw the curves of one or several training runs");
  command->add_option("RUN", flags->runs, "Output folder of a training run, or its metrics.jsonl")
      ->type_name("FOLDER")
      ->required();
  command->add_option("--out", flags->out, "Picture to write, .png or .svg")->type_name("FILE")->required();
  command
      ->add_option("--metric", options.metrics, "What to draw, a panel each; default: losses, gradient, learning rate")
      ->type_name("NAME,NAME,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--smooth", options.smooth, "Weight of the past in the smoothed curve, 0 to 0.9999; 0: none")
      ->capture_default_str();
  command->add_option("--x", flags->x, "Horizontal axis: step, tokens or time")
      ->type_name("AXIS")
      ->capture_default_str();
  command->add_flag("--log", options.log, "Logarithmic vertical axes");
  command->add_option("--width", options.width, "Pixels; default: by the number of panels")->type_name("PIXELS");
  command->add_option("--height", options.height, "Pixels; default: by the number of panels")->type_name("PIXELS");
  command->footer(
      cat("Metrics: ", metric_names(),
          "\nExample:\n  fusion train plot runs/full runs/lora --out loss.png --metric loss,learning_rate"));
  command->callback([flags] { run_plot(*flags); });
}

}  // namespace fusion::app
