#include "fusion/ask_many.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/progress.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "fusion/answer_report.h"
#include "fusion/failure.h"
#include "fusion/interrupt.h"
#include "fusion/terminal_output.h"
#include "fusion/usage_error.h"
#include "workflows/inference/batch_answers.h"

namespace fusion::app {

namespace {

/// Lines of a regular file; 0 for a pipe, whose end nobody knows.
uint64_t count_lines(const std::string& path) {
  if (path == "-") return 0;
  std::ifstream file(path, std::ios::binary);
  uint64_t count = 0;
  for (char block[1 << 16]; file.read(block, sizeof block), file.gcount() > 0;) {
    count += static_cast<uint64_t>(std::count(block, block + file.gcount(), '\n'));
  }
  return count;
}

/// Asks all questions about one picture, or without one. False: the reader of the answers has gone.
bool ask_about(const std::string& name, std::shared_ptr<const Picture> picture,
               const std::vector<std::string>& questions, const Assistant& assistant, const GenerationFlags& flags,
               const StageLine& stages, const InterruptGuard& guard) {
  for (const std::string& text : questions) {
    Question question = blank_question(flags, assistant);
    question.turns = single_question(text, picture != nullptr);
    if (picture != nullptr) question.pictures = {picture};
    AnswerListener listener;
    listener.on_progress = [&](const GenerationProgress& progress) { stages.show(progress); };
    listener.cancelled = [&] { return guard.interrupted(); };
    if (!flags.json) {
      std::cout << (picture != nullptr ? harmless(name) + ": " : "") << text << "\n";
      listener.on_text = [](size_t, const std::string& part) { return print_text(part); };
    }
    const Answer answer = assistant.answer(question, listener);
    stages.clear();
    if (flags.json) {
      const std::string shown = picture != nullptr ? name : "";
      std::cout << json_text(answer_json(shown, text, answer, question.query_len), -1) << "\n" << std::flush;
    } else {
      std::cout << "\n\n" << std::flush;
    }
    if (guard.interrupted()) throw Interrupted();
    if (!std::cout) return false;
  }
  return true;
}

/// Before anything is opened: answers must not go where questions come from.
void require_another_file(const LinesFlags& lines) {
  if (lines.output == "-" && (lines.resume || lines.force)) {
    throw UsageError({.who = lines.resume ? "--resume" : "--force",
                      .expected = "an output file, named with --out",
                      .got = "answers that go to standard output"});
  }
  std::error_code code;
  if (!std::filesystem::equivalent(lines.input, lines.output, code)) return;
  throw UsageError({.who = "--out", .expected = "another file than that of --jsonl", .got = printable(lines.output)});
}

}  // namespace

void ask_about_each(const std::vector<std::string>& pictures, const std::vector<std::string>& questions,
                    const GenerationFlags& flags) {
  const StageLine stages(flags.quiet || flags.json);
  const Assistant assistant = load_assistant(flags, stages);
  const InterruptGuard guard;
  if (pictures.empty()) {
    ask_about("", nullptr, questions, assistant, flags, stages, guard);
    return;
  }
  size_t unreadable = 0;
  for (const std::string& name : pictures) {
    if (guard.interrupted()) throw Interrupted();
    std::shared_ptr<const Picture> picture;
    try {
      picture = load_picture(flags, name);
    } catch (const Error& error) {
      stages.clear();
      report(error.what());
      ++unreadable;
      continue;
    }
    if (!ask_about(name, std::move(picture), questions, assistant, flags, stages, guard)) return;
  }
  if (unreadable == 0) return;
  throw Error({.who = "pictures",
               .expected = cat("all ", pictures.size(), " to be readable"),
               .got = cat(unreadable, " that are not, named above")});
}

void ask_lines(const LinesFlags& lines, const GenerationFlags& flags) {
  require_another_file(lines);
  const bool piped = lines.input == "-";
  std::ifstream file;
  if (!piped) {
    const InputFile readable(lines.input);
    file.open(lines.input, std::ios::binary);
  }
  BatchOptions options{.blank = {.turns = {}},
                       .picture_folder = piped ? "" : std::filesystem::path(lines.input).parent_path().string(),
                       .decode = {.apply_exif_orientation = !flags.ignore_orientation},
                       .batch_size = lines.batch_size};
  const uint64_t total = count_lines(lines.input);
  const StageLine stages(flags.quiet || total > 0);
  const Assistant assistant = load_assistant(flags, stages);
  stages.clear();
  options.blank = blank_question(flags, assistant);
  // The model first: one that cannot be loaded must not cost the answers that are there.
  AnswerLog log(lines.output, lines.resume  ? ExistingLog::kResume
                              : lines.force ? ExistingLog::kReplace
                                            : ExistingLog::kRefuse);
  const InterruptGuard guard;
  ProgressOptions shown = counted_progress("lines", flags.quiet || total == 0);
  shown.plain_interval = 0;
  ProgressBar bar(std::cerr, std::move(shown));
  uint64_t done = 0;
  const AnswerListener listener{.cancelled = [&] { return guard.interrupted(); }};
  const BatchReport report = answer_lines(assistant, piped ? std::cin : file, log, options, listener,
                                          [&] { bar.update(++done, std::max(done, total)); });
  bar.finish();
  if (!flags.quiet && lines.output != "-") {
    std::cout << report.answered << " answered, " << report.failed << " failed, " << report.skipped
              << " answered before\n";
  }
  if (report.cancelled || guard.interrupted()) throw Interrupted();
  if (report.failed == 0) return;
  throw Error({.who = lines.input,
               .expected = "questions that can all be answered",
               .got = cat(report.failed, " that cannot"),
               .hint = cat("see \"error\" in the lines of ", lines.output == "-" ? "the output" : lines.output)});
}

}  // namespace fusion::app
