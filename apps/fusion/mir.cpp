// fusion mir: how well picture and text mix inside a model's decoder.

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "foundation/core/progress.h"
#include "foundation/core/text.h"
#include "fusion/commands.h"
#include "fusion/flag_checks.h"
#include "fusion/interrupt.h"
#include "fusion/runtime_options.h"
#include "fusion/terminal_output.h"
#include "pipeline/model/detail.h"
#include "workflows/evaluation/integration/modality_integration.h"
#include "workflows/inference/named_model.h"

namespace fusion::app {

namespace {

struct MirFlags {
  std::string model;
  std::string mixture;
  std::vector<std::string> image_roots;
  std::string detail;
  int64_t records = IntegrationOptions{}.records;
  bool json = false;
  bool quiet = false;
  RuntimeOptions runtime;
};

void run_mir(const MirFlags& flags) {
  apply_threads(flags.runtime);
  const std::string folder = existing_model_folder(flags.model);
  const InterruptGuard guard;
  // What is missing shows before the weights are read.
  const FusionConfig config = read_fusion_config(folder);
  const auto mixture = Mixture::open(flags.mixture, {.image_roots = flags.image_roots});
  const StageLine stages(flags.quiet || flags.json);
  stages.show(cat("loading ", folder, " ..."));
  FusionModel model = load_fusion_model(folder, load_options(flags.runtime));
  const auto tokenizer = load_tokenizer(folder);
  require_vocabulary(folder, tokenizer->vocab_size(), model->config().decoder.vocab_size, /*may_be_padded=*/false);
  stages.clear();
  const SampleReader reader(mixture, *tokenizer, default_template(config.model_type), sample_options(config));
  ProgressBar bar(std::cerr, counted_progress("measuring", flags.quiet || flags.json));
  const auto integration =
      measure_integration(model, reader,
                          {.records = flags.records,
                           .detail = flags.detail,
                           .on_progress = [&](uint64_t done, uint64_t total) { bar.update(done, total); },
                           .cancelled = [&] { return guard.interrupted(); }});
  if (!integration) throw Interrupted();
  bar.finish();
  if (flags.json) {
    std::cout << integration_json(*integration).dump(2) << "\n";
  } else {
    std::cout << integration_text(*integration);
  }
}

}  // namespace

void add_mir(CLI::App& app) {
  const auto flags = std::make_shared<MirFlags>();
  CLI::App* command =
      app.add_subcommand("mir", "Measure how well picture and text mix in the decoder (Modality Integration Rate)");
  command->add_option("MODEL", flags->model, "folder of a FUSION checkpoint, or the name of one that ships: nano")
      ->type_name("FOLDER")
      ->required();
  command
      ->add_option(
          "MIXTURE", flags->mixture,
          "a mixture (.yaml), or one file of records (.json, .jsonl), with pictures; of a run of `fusion synth` "
          "its validation.yaml")
      ->type_name("FILE")
      ->required();
  command->add_option("--image-root", flags->image_roots, "folder of pictures; may be given several times")
      ->type_name("FOLDER")
      ->allow_extra_args(false);
  command->add_option("--records", flags->records, "records with a picture to compare, evenly from all")
      ->type_name("N")
      ->check(whole_number(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--detail", flags->detail, "how closely to look, as in `fusion ask`")
      ->type_name("DETAIL")
      ->check(flag_check(require_detail));
  command->add_flag("--json", flags->json, "print JSON: rate and layers");
  command->add_flag("-q,--quiet", flags->quiet, "no progress");
  add_runtime_options(*command, flags->runtime);
  command->footer("Example: fusion mir nano runs/world/validation.yaml");
  command->callback([flags] { run_mir(*flags); });
}

}  // namespace fusion::app
