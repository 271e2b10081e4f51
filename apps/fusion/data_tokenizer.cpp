#include "fusion/data_tokenizer.h"

#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <string>

#include "foundation/config/output_file.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "fusion/flag_checks.h"
#include "workflows/assembly/trained_tokenizer.h"
#include "workflows/datasets/mixture_texts.h"

namespace fusion::app {

namespace {

struct TokenizerFlags {
  std::string mixture;
  std::string out;
  TokenizerTraining training;
  int64_t limit = 100'000;
  bool quiet = false;
};

void run_tokenizer(const TokenizerFlags& flags) {
  const auto mixture = Mixture::open(flags.mixture, {});
  const auto texts = mixture_texts(*mixture, default_template("fusion_phi"), flags.limit);
  const FileTexts files = train_tokenizer(texts, flags.training);
  std::filesystem::create_directories(flags.out);
  for (const auto& [name, text] : files) write_text_file(cat(flags.out, "/", name), text);
  if (flags.quiet) return;
  std::cout << "Wrote a tokenizer of " << count_text(static_cast<uint64_t>(flags.training.vocab_size))
            << " tokens into " << flags.out << ", learnt from " << count_text(texts.size()) << " texts.\n";
}

}  // namespace

void add_data_tokenizer(CLI::App& data) {
  const auto flags = std::make_shared<TokenizerFlags>();
  CLI::App* command = data.add_subcommand("tokenizer", "Learn a tokenizer from what a mixture's records say");
  command->add_option("MIX", flags->mixture, "a mixture (.yaml), or one file of records (.json, .jsonl)")
      ->type_name("FILE")
      ->required();
  command->add_option("--out", flags->out, "folder for its files; those of the same name are replaced")
      ->type_name("FOLDER")
      ->required();
  command->add_option("--size", flags->training.vocab_size, "tokens in all, control tokens included")
      ->type_name("N")
      ->check(whole_number(1, 1 << 20))
      ->capture_default_str();
  command->add_flag("--single-capitals", flags->training.single_capitals,
                    "capital letters are tokens of their own, for reading letter by letter");
  command->add_option("--limit", flags->limit, "learn from so many records, spread over all")
      ->type_name("N")
      ->check(whole_number(1, std::numeric_limits<int64_t>::max()))
      ->capture_default_str();
  command->add_flag("--quiet", flags->quiet, "print nothing but errors");
  command->footer(
      "Example: fusion data tokenizer runs/world/mixture.yaml --out tokenizer --size 800\n"
      "The files are those of a fusion_phi checkpoint: `fusion init PRESET DIR --tokenizer tokenizer` takes them.");
  command->callback([flags] { run_tokenizer(*flags); });
}

}  // namespace fusion::app
