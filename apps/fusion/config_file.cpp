#include "fusion/config_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "fusion/flag_checks.h"
#include "fusion/usage_error.h"
#include "fusion/user_file.h"

namespace fusion::app {

namespace {

namespace fs = std::filesystem;

/// Far above any real file of defaults.
constexpr uint64_t kMaxBytes = 1 << 20;

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

/// Flags that a file may give, without their dashes.
std::vector<std::string> keys_of(const CLI::App& command) {
  std::vector<std::string> keys;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_configurable() || option->get_lnames().empty()) continue;
    keys.push_back(option->get_lnames().front());
  }
  return keys;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string known = closest_match(word, candidates);
  return known.empty() ? "" : cat("did you mean ", known, "?");
}

/// CLI11 reads the lines; what they mean is decided here, because it would skip unknown keys and not name the file.
class ConfigFile : public CLI::ConfigTOML {
 public:
  explicit ConfigFile(CLI::App& app) : app_(app) {}

  /// Called by CLI11 when the command line has been read and nothing was done yet.
  std::vector<CLI::ConfigItem> from_config(std::istream&) const override {
    // A broken file must not stand in the way of help.
    if (asked_for_help()) return {};
    const auto file = app_.get_config_ptr()->as<std::string>();
    const std::string content = read_text_file(file, kMaxBytes);
    require_meaning(content, file);
    std::istringstream text(content);
    std::set<std::string> seen;
    for (const CLI::ConfigItem& item : CLI::ConfigTOML::from_config(text)) {
      const bool section_mark = item.name == "++" || item.name == "--";
      CLI::App& command = command_of(item, file);
      if (section_mark) continue;
      if (!seen.insert(item.fullname()).second) {
        throw UsageError({.who = who(item, file), .expected = "each key once", .got = "it a second time"});
      }
      apply(item, command, file);
    }
    return {};
  }

 private:
  /// CLI11 skips lines of one or two characters, whatever they are.
  static void require_meaning(const std::string& content, const std::string& file) {
    std::istringstream text(content);
    std::string line;
    for (int64_t number = 1; std::getline(text, line); ++number) {
      CLI::detail::trim(line);
      if (line.empty() || line.size() > 2 || line.front() == '#' || line.front() == ';') continue;
      throw UsageError({.who = cat(file, ":", number), .expected = "KEY = VALUE or [COMMAND]", .got = printable(line)});
    }
  }

  static std::string who(const CLI::ConfigItem& item, const std::string& file) {
    return cat(file, ": [", printable(item.parents.front()), "] ", printable(item.name));
  }

  bool asked_for_help() const {
    const CLI::Option* const version = app_.get_version_ptr();
    return (version != nullptr && version->count() > 0) || asked_for_help(app_);
  }

  /// Of a command, or of one that was chosen below it.
  static bool asked_for_help(const CLI::App& command) {
    const CLI::Option* const help = command.get_help_ptr();
    if (help != nullptr && help->count() > 0) return true;
    return std::ranges::any_of(command.get_subcommands(), [](const CLI::App* below) { return asked_for_help(*below); });
  }

  CLI::App& command_of(const CLI::ConfigItem& item, const std::string& file) const {
    const std::vector<std::string> names = command_names(app_);
    const std::string expected = cat("a section for each command: [", join(names, "], ["), "]");
    if (item.parents.empty()) {
      throw UsageError({.who = file, .expected = expected, .got = cat("the key ", printable(item.name), " in none")});
    }
    const std::string section = join(item.parents, ".");
    for (CLI::App* command : app_.get_subcommands({})) {
      if (command->get_name() == section) return *command;
    }
    throw UsageError({.who = file,
                      .expected = expected,
                      .got = cat("[", printable(section), "]"),
                      .cause = suggestion(section, names)});
  }

  static void apply(const CLI::ConfigItem& item, CLI::App& command, const std::string& file) {
    CLI::Option* const option = command.get_option_no_throw("--" + item.name);
    if (option == nullptr || !option->get_configurable()) {
      throw UsageError({.who = who(item, file),
                        .expected = cat("a flag of `fusion ", command.get_name(), "` without its dashes"),
                        .got = "an unknown key",
                        .cause = suggestion(item.name, keys_of(command)),
                        .hint = cat("see `fusion ", command.get_name(), " --help`")});
    }
    for (const std::string& value : item.inputs) require_closed_quotes(item, value, file);
    if (item.inputs.size() > 1 && option->get_items_expected_max() <= 1) {
      throw UsageError({.who = who(item, file),
                        .expected = "one value",
                        .got = cat(item.inputs.size()),
                        .hint = "a text with spaces or commas stands in quotes"});
    }
    const bool is_flag = option->get_items_expected_max() == 0;
    if (is_flag && item.inputs != std::vector<std::string>{"true"} &&
        item.inputs != std::vector<std::string>{"false"}) {
      throw UsageError({.who = who(item, file), .expected = "true or false", .got = printable(join(item.inputs, " "))});
    }
    if (!option->empty()) return;  // the command line wins
    try {
      option->add_result(item.inputs);
      option->run_callback();
    } catch (const CLI::ParseError& error) {
      std::string message = error.what();
      if (const std::string flag = option->get_name() + ": "; message.starts_with(flag)) message.erase(0, flag.size());
      throw UsageError({.who = cat(who(item, file), ": ", message)});
    }
  }

  static void require_closed_quotes(const CLI::ConfigItem& item, const std::string& value, const std::string& file) {
    if (!value.starts_with('"') && !value.starts_with('\'')) return;
    throw UsageError({.who = who(item, file),
                      .expected = "a text that ends with the quote that it begins with",
                      .got = printable(value),
                      .cause = "what follows # may count as a comment, in quotes too"});
  }

  CLI::App& app_;
};

/// A folder, a pipe or a device could hang the program; that a file is missing is CLI11's to say.
void require_file_or_nothing(const std::string& path) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (!fs::exists(status) || fs::is_regular_file(status)) return;
  throw Error({.expected = "a file", .got = fs::is_directory(status) ? "the folder " + path : path});
}

/// --config may stand behind every command.
void accept_config_below(CLI::App& parent, CLI::Option* config) {
  for (CLI::App* command : parent.get_subcommands({})) {
    command
        ->add_option_function<std::string>(
            "--config",
            [config](const std::string& file) {
              if (!config->empty()) throw UsageError({.who = "--config", .expected = "one file", .got = "several"});
              config->add_result(file);
            },
            "File with defaults of flags")
        ->type_name("FILE")
        ->trigger_on_parse()
        ->configurable(false);
    accept_config_below(*command, config);
  }
}

}  // namespace

void add_config_file(CLI::App& app) {
  const char* const named = std::getenv("FUSION_CONFIG");
  const std::string place = named != nullptr ? named : user_file("XDG_CONFIG_HOME", ".config", "config.toml");
  const bool must_exist = named != nullptr && *named != '\0';
  const std::string help = "File with defaults of flags; default: $FUSION_CONFIG, or ~/.config/fusion/config.toml";
  CLI::Option* const config = app.set_config("--config", place, help, must_exist);
  config->type_name("FILE")->option_text("FILE")->check(flag_check(require_file_or_nothing));
  app.config_formatter(std::make_shared<ConfigFile>(app));
  accept_config_below(app, config);
}

}  // namespace fusion::app
