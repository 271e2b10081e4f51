// Defaults of flags in a file, and completion in shells.

#include <cstdlib>
#include <sstream>

#include "foundation/config/input_file.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

class ConfigFile : public ModelTest {
 protected:
  /// An `ask` with that file, which never gets as far as a model.
  void expect_refused(const std::string& content, const Words& parts) const {
    Words all{folder_ / "config.toml"};
    all.insert(all.end(), parts.begin(), parts.end());
    expect_usage_error({"ask", "-", "a", "--config", folder_.put("config.toml", content)}, all);
  }
  /// A file whose [ask] names the model and asks for JSON of three tokens.
  std::string usual() const {
    return folder_.put("usual.toml",
                       "# what I like\n[ask]\nmodel = \"" + model() +
                           "\"\nmax-tokens = 3\njson = true\nthreads = 1\ndetail = '4'\n\n[chat]\ntemperature = 0.5\n");
  }
  static int64_t tokens_of(const ProgramResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out)["new_tokens"];
  }

  ScratchFolder folder_;
};

TEST_F(ConfigFile, GivesDefaultsThatTheCommandLineOverrides) {
  EXPECT_EQ(json_of({"ask", "-", "a", "--config", usual()})["new_tokens"], 3);
  EXPECT_EQ(json_of({"--config", usual(), "ask", "-", "a"})["new_tokens"], 3);
  EXPECT_EQ(json_of({"ask", "-", "a", "--config", usual(), "--max-tokens", "5"})["new_tokens"], 5);
}

TEST_F(ConfigFile, IsFoundWhereTheEnvironmentSays) {
  const Words words{"ask", "-", "a"};
  EXPECT_EQ(tokens_of(run_fusion(words, {.variables = {{"FUSION_CONFIG", usual()}}})), 3);
  const std::string wrong = folder_.put("wrong.toml", "[ask]\nmax-token = 3\n");
  EXPECT_EQ(run_fusion(words, {.variables = {{"FUSION_CONFIG", wrong}}}).exit_code, 2);
  // An empty name is none: the shipped model answers.
  EXPECT_EQ(run_fusion(words, {.variables = {{"FUSION_CONFIG", ""}}}).exit_code, 0);
  const ProgramResult missing = run_fusion(words, {.variables = {{"FUSION_CONFIG", folder_ / "none.toml"}}});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr(folder_ / "none.toml: expected a file of defaults, got nothing there"));
}

TEST_F(ConfigFile, OfTwoTexts) {
  const std::string file = folder_.put("stop.toml", "[ask]\nstop = [\"a, b\", \"\"]\n");
  expect_usage_error({"ask", "-", "a", "--config", file}, {"[ask] stop: expected some text, got an empty text"});
}

TEST_F(ConfigFile, UnknownKeysAndSectionsAreRefused) {
  expect_refused("[ask]\nmax-token = 3\n",
                 {"[ask] max-token: expected a flag of `fusion ask`", "did you mean max-tokens?"});
  expect_refused("[asc]\nseed = 3\n", {"got [asc]", "did you mean ask?"});
  expect_refused("seed = 3\n", {"[ask], [chat]", "got the key seed in none"});
  expect_refused("[ask]\nhelp = true\n", {"[ask] help"});
  expect_refused("[ask]\npicture = \"a.jpg\"\n", {"[ask] picture"});
  expect_refused("[ask.more]\nseed = 3\n", {"[ask.more]"});
  expect_refused("[ask]\nx\n", {":2: expected KEY = VALUE"});
  expect_refused("[train]\nworld-size = 8\n", {"[train] world-size: expected a flag of `fusion train`"});
}

TEST_F(ConfigFile, WrongValuesAreRefused) {
  expect_refused("[ask]\ntemperature = 1000\n", {"[ask] temperature: expected a number from 0 to 100, got 1000"});
  expect_refused("[ask]\nmax-tokens = many\n", {"[ask] max-tokens: expected a whole number", "got many"});
  expect_refused("[ask]\nmax-tokens = 010\n", {"[ask] max-tokens: expected a whole number", "got 010"});
  expect_refused("[ask]\ndtype = int3\n", {"[ask] dtype: expected one of auto, float32"});
  expect_refused("[ask]\ndetail = 5\n", {"[ask] detail: expected fast, balanced, best", "got 5"});
  expect_refused("[ask]\njson = yes\n", {"[ask] json: expected true or false, got yes"});
  expect_refused("[ask]\nmodel = /a b\n", {"[ask] model: expected one value, got 2", "quotes"});
  expect_refused("[ask]\nmodel = \"/a\n", {"[ask] model", "ends with the quote"});
  expect_refused("[ask]\nseed = 1\n[chat]\n[ask]\nseed = 2\n", {"[ask] seed: expected each key once"});
  // Of a command that does not run, too.
  expect_refused("[chat]\ntop-p = 2\n", {"[chat] top-p: expected a number from 0 to 1, got 2"});
}

TEST_F(ConfigFile, MustBeAFileOfModestSize) {
  expect_usage_error({"info", "nano", "--config", folder_ / "none"}, {folder_ / "none", "nothing there"});
  expect_usage_error({"info", "nano", "--config", folder_.path()}, {"--config: expected a file", folder_.path()});
  expect_usage_error({"info", "nano", "--config", "/dev/zero"}, {"--config: expected a file"});
  expect_failure({"info", "nano", "--config", folder_.put("large", std::string(2 << 20, '#'))}, {folder_ / "large"});
  const std::string file = folder_.put("good.toml", "[ask]\n");
  expect_usage_error({"--config", file, "info", "nano", "--config", file}, {"--config: expected one file"});
}

TEST_F(ConfigFile, ABrokenOneDoesNotStandInTheWayOfHelp) {
  const std::string file = folder_.put("broken.toml", "nonsense = 1\n");
  EXPECT_THAT(output_of({"--config", file, "--help"}), HasSubstr("Usage:"));
  EXPECT_THAT(output_of({"ask", "--config", file, "--help"}), HasSubstr("Usage:"));
  EXPECT_THAT(output_of({"data", "check", "--config", file, "--help"}), HasSubstr("Usage:"));
}

/// What a shell prints when it runs `script` with the file of that completion as $1; nothing where there is no such
/// shell.
std::optional<std::string> output_of_shell(const std::string& shell, const std::string& script) {
  if (std::system(("command -v " + shell + " >/dev/null").c_str()) != 0) return std::nullopt;
  const ScratchFolder folder;
  const std::string completion = folder.put("completion", output_of({"completion", shell}));
  const std::string output = folder / "output";
  const std::string command = "cd '" + source_path("") + "' && " + shell + " '" + folder.put("script", script) + "' '" +
                              completion + "' >'" + output + "' 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << read_text_file(output, 1 << 20);
  return read_text_file(output, 1 << 20);
}

TEST(Completion, BashOffersWhatFits) {
  const auto offered = [](const std::string& words) {
    return output_of_shell("bash", "source \"$1\"\nCOMP_WORDS=(" + words +
                                       ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_fusion\necho \"${COMPREPLY[*]}\"\n")
        .value_or("no bash");
  };
  EXPECT_EQ(offered("fusion c"), "chat completion\n");
  EXPECT_EQ(offered("fusion ask --temp"), "--template --temperature\n");
  EXPECT_EQ(offered("fusion ask --dtype ''"), "auto float32 bfloat16 float16 int8\n");
  EXPECT_EQ(offered("fusion ask --dtype = bf"), "bfloat16\n");
  EXPECT_EQ(offered("fusion ask --dtype auto --quiet examples/cat"), "examples/cat.jpg\n");
  EXPECT_EQ(offered("fusion chat examples/cat.jpg ''"), "\n");
  EXPECT_EQ(offered("fusion chat -m examples/cat"), "\n");  // a folder is wanted
  EXPECT_EQ(offered("fusion --config x completion z"), "zsh\n");
  EXPECT_EQ(offered("fusion data ch"), "check\n");
  EXPECT_EQ(offered("fusion synth st"), "status\n");
  EXPECT_EQ(offered("fusion synth README"), "README.md\n");
  EXPECT_EQ(offered("fusion synth status tests/da"), "tests/data\n");
  EXPECT_EQ(offered("fusion train pl"), "plot\n");
  EXPECT_EQ(offered("fusion data check --image-r"), "--image-root\n");
  EXPECT_EQ(offered("fusion ask --temperature ''"), "\n");
  EXPECT_EQ(offered("fusion init nan"), "nano\n");
  EXPECT_EQ(offered("fusion init --vision x --llm tests/da"), "tests/data\n");
  EXPECT_EQ(offered("fusion init --vision x --llm y tests/da"), "tests/data\n");
  EXPECT_EQ(offered("fusion info tests/da"), "tests/data\n");
}

TEST(Completion, FishOffersWhatFits) {
  const auto offered = [](const std::string& line) {
    return output_of_shell("fish", "source $argv[1]\ncomplete -C '" + line + "'\n");
  };
  if (!offered("fusion ")) GTEST_SKIP() << "no fish on this machine";
  EXPECT_THAT(offered("fusion comp").value_or(""), testing::StartsWith("completion\t"));
  EXPECT_THAT(offered("fusion ask --dtype bf").value_or(""), testing::StartsWith("bfloat16"));
  EXPECT_EQ(offered("fusion ask examples/cat").value_or(""), "examples/cat.jpg\n");
  EXPECT_EQ(offered("fusion completion z").value_or(""), "zsh\n");
  EXPECT_EQ(offered("fusion init nan").value_or(""), "nano\n");
}

TEST(Completion, ZshReadsTheScript) {
  // What it offers needs its line editor; that the script is one and registers itself does not.
  const auto said =
      output_of_shell("zsh", "autoload -U compinit && compinit -D -u\nsource \"$1\"\necho $_comps[fusion]\n");
  if (!said) GTEST_SKIP() << "no zsh on this machine";
  EXPECT_EQ(*said, "_fusion\n");
}

TEST(Completion, KnowsThreeShells) {
  expect_usage_error({"completion", "tcsh"}, {"SHELL: expected one of bash, zsh, fish, got tcsh"});
}

}  // namespace
}  // namespace fusion
