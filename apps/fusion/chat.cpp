// fusion chat [PICTURE]: a conversation, line by line.

#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "fusion/answer_report.h"
#include "fusion/commands.h"
#include "fusion/failure.h"
#include "fusion/generation_options.h"
#include "fusion/interrupt.h"
#include "fusion/line_reader.h"
#include "fusion/terminal_output.h"
#include "fusion/user_file.h"
#include "pipeline/generation/chat_session.h"

namespace fusion::app {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

struct ChatFlags {
  std::string picture;
  GenerationFlags shared;
};

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kBlank) + 1 - first));
}

/// A path as a shell would take it: quotes around it go, "~/" is the home folder.
std::string unquoted_path(std::string path) {
  if (path.size() >= 2 && (path.front() == '"' || path.front() == '\'') && path.back() == path.front()) {
    path = path.substr(1, path.size() - 2);
  }
  const char* const home = std::getenv("HOME");
  if (home != nullptr && path.starts_with("~/")) path.replace(0, 1, home);
  return path;
}

class Chat {
 public:
  Chat(const ChatFlags& flags, std::shared_ptr<const Picture> first_picture)
      : flags_(flags.shared),
        stages_(flags_.quiet || flags_.json),
        reader_(user_file("XDG_STATE_HOME", ".local/state", "chat_history")),
        assistant_(load_assistant(flags_, stages_)),
        question_(blank_question(flags_, assistant_)),
        session_(answers_of(assistant_), question_) {
    stages_.clear();
    if (!first_picture) return;
    require_sight();
    session_.show(NamedPicture{.picture = std::move(first_picture), .name = flags.picture});
  }

  /// Until /exit or the end of the input. False: a line failed and nobody was there to see it.
  bool run() {
    // A Ctrl-C that comes just after an answer is meant for the answer.
    std::optional<InterruptGuard> between_answers;
    if (reader_.terminal()) between_answers.emplace();
    if (reader_.terminal() && !flags_.quiet) std::cout << "Ask away; /help lists the commands, Ctrl-D leaves.\n";
    bool all_well = true;
    std::string line;
    while (!left_) {
      const LineEnd end = reader_.read(prompt(), line);
      if (end == LineEnd::kEnd) break;
      if (end == LineEnd::kInterrupt) {
        if (line.empty()) std::cout << "Ctrl-D or /exit leaves.\n";
        continue;
      }
      try {
        take(line);
      } catch (const std::exception&) {
        stages_.clear();
        report(current_failure().message);
        all_well = false;
      }
      if (!std::cout) break;
    }
    if (reader_.terminal() && !left_) std::cout << "\n";
    return all_well || reader_.terminal();
  }

 private:
  struct Command {
    const char* name;
    const char* argument;
    const char* help;
    void (Chat::*run)(const std::string& argument);
  };
  static const std::array<Command, 6>& commands();

  std::string prompt() const {
    const auto& waiting = session_.waiting();
    return waiting ? cat("[", printable(waiting->name), "] > ") : "> ";
  }

  void take(const std::string& line) {
    const std::string text = trimmed(line);
    if (text.empty()) return;
    // "/usr/bin is what?" and a line that begins with a space are questions.
    const std::string word = text.substr(0, text.find_first_of(kBlank));
    const bool is_command = line.starts_with('/') && word.find('/', 1) == std::string::npos;
    if (!is_command) return ask(text);
    std::vector<std::string> names;
    for (const Command& command : commands()) {
      if (word == command.name) return (this->*command.run)(trimmed(text.substr(word.size())));
      names.emplace_back(command.name);
    }
    const std::string known = closest_match(word, names);
    throw Error({.who = printable(word),
                 .expected = "a command or a question",
                 .got = "an unknown command",
                 .cause = known.empty() ? "" : cat("did you mean ", known, "?"),
                 .hint = "/help lists the commands; a question may begin with a space"});
  }

  void ask(const std::string& text) {
    const InterruptGuard guard;
    AnswerListener listener;
    bool spoken = false;
    listener.on_progress = [&](const GenerationProgress& progress) { stages_.show(progress); };
    listener.cancelled = [&] { return guard.interrupted(); };
    listener.on_text = [&](size_t, const std::string& part) {
      spoken = true;
      return flags_.json || print_text(part);
    };
    const auto& waiting = session_.waiting();
    const std::string picture = waiting ? waiting->name : "";
    const Answer answer = session_.ask(text, listener);
    stages_.clear();
    if (flags_.json) {
      std::cout << json_text(answer_json(picture, text, answer, question_.query_len), -1) << "\n" << std::flush;
      return;
    }
    if (spoken || !reader_.terminal()) std::cout << "\n" << std::flush;
    if (!reader_.terminal()) return;
    if (answer.text.empty()) {
      std::cout << "(no answer; the question is dropped)\n";
    } else if (guard.interrupted()) {
      std::cout << "(stopped; what was said stays in the conversation)\n";
    } else if (stages_.shown()) {
      std::cerr << "\033[2m" << summary_of(answer) << "\033[0m\n";
    }
  }

  /// What a command has to say; with --json stdout holds answers only.
  std::ostream& note() const { return flags_.json ? std::cerr : std::cout; }

  void show_picture(const std::string& argument) {
    const std::string path = unquoted_path(argument);
    if (path.empty() && session_.waiting()) {
      session_.show(std::nullopt);
      if (!flags_.quiet) note() << "The next question shows no picture.\n";
      return;
    }
    require_sight();
    if (path.empty()) {
      throw Error({.who = "/image", .expected = "the path of a picture", .got = "nothing", .hint = "/image cat.jpg"});
    }
    session_.show(NamedPicture{.picture = load_picture(flags_, path), .name = path});
    if (!flags_.quiet) note() << "The next question shows " << harmless(path) << ".\n";
  }

  /// A picture that waits in vain would make every question fail.
  void require_sight() const {
    if (assistant_.sees()) return;
    throw Error({.who = flags_.model,
                 .expected = "a FUSION checkpoint, to look at pictures",
                 .got = "a plain language model without a vision tower"});
  }

  void set_detail(const std::string& argument) {
    if (!argument.empty()) {
      require_sight();
      question_.query_len = latents_of("/detail", argument);
      session_.set_query_len(question_.query_len);
    }
    if (!flags_.quiet) note() << question_.query_len << " latent tokens.\n";
  }

  int64_t latents_of(const char* command, const std::string& detail) const {
    try {
      return assistant_.latent_count(detail);
    } catch (const Error& error) {
      ErrorParts parts = error.parts();
      parts.who = command;
      throw Error(std::move(parts));
    }
  }

  void clear(const std::string&) {
    session_.clear();
    if (!flags_.quiet) note() << "Forgotten: the conversation and its pictures.\n";
  }

  void show_history(const std::string&) {
    size_t shown = 0;
    for (const Turn& turn : session_.turns()) {
      const bool user = turn.speaker == Speaker::kUser;
      const std::string picture = turn.picture ? cat(" [", harmless(session_.pictures()[shown++].name), "]") : "";
      note() << (user ? "you" : "fusion") << picture << ": " << harmless(turn.text) << "\n";
    }
    if (session_.turns().empty()) note() << "Nothing was said yet.\n";
  }

  void show_help(const std::string&) {
    for (const Command& command : commands()) {
      std::string usage = cat(command.name, " ", command.argument);
      usage.resize(16, ' ');
      note() << usage << command.help << "\n";
    }
    note() << "Everything else is a question. Ctrl-C stops an answer, Ctrl-D leaves.\n";
  }

  void leave(const std::string&) { left_ = true; }

  GenerationFlags flags_;
  StageLine stages_;
  LineReader reader_;
  Assistant assistant_;
  Question question_;
  ChatSession session_;
  bool left_ = false;
};

const std::array<Chat::Command, 6>& Chat::commands() {
  static constexpr std::array<Command, 6> kAll{{
      {"/image", "PATH", "show a picture with the next question; alone: take it back", &Chat::show_picture},
      {"/detail", "X", "how closely to look: fast, balanced, best or a number; alone: says it", &Chat::set_detail},
      {"/history", "", "print the conversation so far", &Chat::show_history},
      {"/clear", "", "forget the conversation and its pictures", &Chat::clear},
      {"/help", "", "list the commands", &Chat::show_help},
      {"/exit", "", "leave", &Chat::leave},
  }};
  return kAll;
}

/// False: a line of a script failed.
bool run_chat(const ChatFlags& flags) {
  // The picture first: a wrong path should not cost the loading of a model.
  std::shared_ptr<const Picture> picture;
  if (!flags.picture.empty()) picture = load_picture(flags.shared, flags.picture);
  return Chat(flags, std::move(picture)).run();
}

}  // namespace

void add_chat(CLI::App& app) {
  auto flags = std::make_shared<ChatFlags>();
  CLI::App* command = app.add_subcommand("chat", "Talk about pictures, question by question");
  command->add_option("picture", flags->picture, "JPEG, PNG or WebP file that the first question is about")
      ->type_name("FILE");
  add_generation_flags(*command, flags->shared);
  command->footer(
      "Lines that begin with / are commands: /help lists them. With --json every answer is one line.\n"
      "Example:\n  fusion chat examples/cat.jpg --model models/FUSION-Phi3.5-3B");
  command->callback([flags] {
    if (!run_chat(*flags)) throw EarlyEnd{kFailure};
  });
}

}  // namespace fusion::app
