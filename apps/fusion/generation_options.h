#pragma once
// What the commands that answer questions share: the flags of model, picture and answer, and the model that they name.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fusion/runtime_options.h"
#include "fusion/terminal_output.h"
#include "pipeline/generation/assistant.h"

namespace fusion::app {

struct GenerationFlags {
  std::string model = "nano";
  std::string adapter;
  std::string conversation_template;  ///< "": the model's own
  std::string system;                 ///< "": what the model's chat template says
  std::string detail;
  std::string image_tokens;  ///< "ROWSxCOLUMNS"; "": the checkpoint's
  int64_t picture_cache_megabytes = 256;
  bool ignore_orientation = false;
  bool json = false;
  bool quiet = false;
  GenerationOptions generation;
  std::vector<std::string> stop_texts;
  RuntimeOptions runtime;
};

void add_generation_flags(CLI::App& command, GenerationFlags& flags);

/// Throws Error where the file is no picture.
std::shared_ptr<const Picture> load_picture(const GenerationFlags& flags, const std::string& path);

/// The model of --model, on the device and with the threads asked for; `stages` says that it loads. Flags that say
/// nothing to the model are warned of on stderr.
Assistant load_assistant(const GenerationFlags& flags, const StageLine& stages);

/// A question with the options of the flags and without words.
Question blank_question(const GenerationFlags& flags, const Assistant& assistant);

}  // namespace fusion::app
