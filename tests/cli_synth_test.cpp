// fusion synth with the embedded world: what it makes, what its sub-commands say, stops and kills.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <random>
#include <set>

#include "foundation/config/input_file.h"
#include "tests/synth_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;

class Synth : public SynthTest {};

std::set<std::string> ids_of(const std::vector<nlohmann::json>& records) {
  std::set<std::string> ids;
  for (const auto& record : records) ids.insert(record.at("id"));
  return ids;
}

/// The first human turn and picture of each record: what is the same where a record is there twice.
std::set<std::string> contents_of(const std::vector<nlohmann::json>& records) {
  std::set<std::string> contents;
  for (const auto& record : records) contents.insert(record.at("image").dump() + record.at("conversations").dump());
  return contents;
}

TEST_F(Synth, MakesADataSetThatTrainingReads) {
  const std::string out = output("set");
  const ProgramResult result = run_to_end(synth(recipe("set"), out));
  EXPECT_THAT(result.out, AllOf(HasSubstr("60 conversations kept; the limit is reached"), HasSubstr("data/train.jsonl"),
                                HasSubstr("mixture.yaml")));
  EXPECT_THAT(result.err, HasSubstr("60 of 60"));
  const auto records = records_of(out);
  EXPECT_EQ(records.size(), 60U);
  EXPECT_EQ(ids_of(records).size(), 60U);

  const std::string model = output("nano");
  output_of({"init", "nano", model, "--seed", "7"});
  const auto check = json_of({"data", "check", out + "/mixture.yaml", "--model", model, "--threads", "1", "--json"});
  EXPECT_EQ(check["total"]["broken"], 0);
  EXPECT_GT(check["total"]["records"], 30);
}

TEST_F(Synth, LimitSeedAndJsonComeFromTheCommandLine) {
  const std::string path = recipe("flags");
  const auto json = nlohmann::json::parse(run_to_end(synth(path, output("json"), {"--limit", "25", "--json"})).out);
  EXPECT_EQ(json["kept"], 25);
  EXPECT_EQ(json["end"], "the limit is reached");
  EXPECT_EQ(json["failed_items"], 0);
  int64_t records = 0;
  for (const auto& part : json["exported"]["parts"]) records += part["records"].get<int64_t>();
  EXPECT_EQ(records, 25);

  run_to_end(synth(path, output("same"), {"--limit", "25", "--seed", "3", "--quiet"}));
  run_to_end(synth(path, output("other"), {"--limit", "25", "--seed", "4", "--quiet"}));
  EXPECT_EQ(data_files(output("same")), data_files(output("json")));
  EXPECT_NE(data_files(output("other")), data_files(output("json")));
}

TEST_F(Synth, GoesOnBeyondAHigherLimitAsIfItHadBeenThereFromTheStart) {
  const std::string path = recipe("more");
  run_to_end(synth(path, output("steps"), {"--limit", "20"}));
  run_to_end(synth(path, output("steps"), {"--limit", "50"}));
  run_to_end(synth(path, output("once"), {"--limit", "50"}));
  EXPECT_EQ(data_files(output("steps")), data_files(output("once")));
}

TEST_F(Synth, ShardsAreMergedWithoutWhatIsThereTwice) {
  const std::string path = recipe("shards");
  for (const std::string shard : {"0", "1"}) {
    const auto result = run_to_end(synth(path, output(shard), {"--shard", shard + "/2"}));
    EXPECT_THAT(result.out, HasSubstr("30 conversations kept"));
  }
  const std::string whole = output("whole");
  const auto json = json_of({"synth", "merge", output("0"), output("1"), "--out", whole, "--json", "--quiet"});
  const auto records = records_of(whole);
  EXPECT_GT(records.size(), 50U);
  EXPECT_LE(records.size(), 60U);
  EXPECT_EQ(json["parts"]["train"]["records"].get<size_t>() + json["parts"]["validation"]["records"].get<size_t>() +
                json["parts"]["test"]["records"].get<size_t>(),
            records.size());
  EXPECT_EQ(ids_of(records).size(), records.size());
  EXPECT_EQ(contents_of(records).size(), records.size());
  for (const auto& record : records) {
    EXPECT_TRUE(fs::exists(whole + "/" + record.at("image").get<std::string>())) << record;
  }
  expect_failure({"synth", "merge", output("0"), output("0"), "--out", output("twice")}, {"each shard once"});
  run_to_end(synth(path, output("stranger"), {"--shard", "1/2", "--seed", "9"}));
  expect_failure({"synth", "merge", output("0"), output("stranger"), "--out", output("mixed")}, {"the same run"});
}

TEST_F(Synth, StatusTellsOfARunAlsoWhileItWorks) {
  const std::string out = output("long");
  const std::string path = recipe("long");
  std::string text;
  nlohmann::json json;
  const auto look = [&] {
    json = wait_for_kept(out, 1);
    text = output_of({"synth", "status", out});
  };
  const auto result =
      run_fusion(synth(path, out, {"--limit", "1000000"}),
                 {.timeout = std::chrono::minutes(1), .signal_at_message = SIGTERM, .at_message = look});
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(text, AllOf(HasSubstr("of 1,000,000 conversations"), HasSubstr("expand"), HasSubstr("filter"),
                          HasSubstr("forecast: done in")));
  EXPECT_EQ(json["limit"], 1'000'000);
  EXPECT_GT(json["stages"]["draw"]["passed"], 0);
  EXPECT_GT(json["stages"]["draw"]["per_second"], 0);
  EXPECT_EQ(failed_items(json), 0);
  EXPECT_FALSE(fs::exists(out + "/data")) << "a run that was stopped has no data set yet";
}

TEST_F(Synth, AFolderTakesOneRunAtATime) {
  const std::string out = output("shared");
  const std::string path = recipe("shared");
  const auto second = [&] {
    wait_for_kept(out, 1);
    for (const Words& words : {synth(path, out, {"--quiet"}), {"synth", "retry", out}, {"synth", "export", out}}) {
      expect_failure(words, {"another"});
    }
    EXPECT_THAT(output_of({"synth", "report", out}), HasSubstr("report.html"));
  };
  const auto first =
      run_fusion(synth(path, out, {"--limit", "1000000"}),
                 {.timeout = std::chrono::minutes(1), .signal_at_message = SIGTERM, .at_message = second});
  EXPECT_EQ(first.exit_code, 130) << first.err;
}

TEST_F(Synth, StopsWhenAskedAndGoesOn) {
  const std::string path = recipe("asked");
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string out = output(std::to_string(signal));
    const auto stopped = run_fusion(synth(path, out, {"--limit", "1000000"}),
                                    {.timeout = std::chrono::minutes(1), .signal_at_message = signal});
    EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
    EXPECT_THAT(stopped.err, HasSubstr("the same command goes on"));
    EXPECT_EQ(stopped.out, "");
    const std::string limit = std::to_string(status(out)["kept"].get<int64_t>() + 20);
    const std::string whole = out + "-whole";
    run_to_end(synth(path, out, {"--limit", limit}));
    run_to_end(synth(path, whole, {"--limit", limit}));
    EXPECT_EQ(records_of(out), records_of(whole));
  }
}

TEST_F(Synth, AKilledRunMakesTheSameBytes) {
  const std::string path = recipe("killed");
  const std::string out = output("killed");
  std::mt19937 random(20251123);
  std::uniform_int_distribution<int64_t> more(1, 60);
  int64_t kept = 0;
  for (int kills = 0; kills < 3; ++kills) {
    const auto wait = [&, goal = kept + more(random)] { wait_for_kept(out, goal); };
    // Far more than the run can make before it is killed.
    const auto result =
        run_fusion(synth(path, out, {"--limit", "1000000"}),
                   {.timeout = std::chrono::minutes(1), .signal_at_message = SIGKILL, .at_message = wait});
    ASSERT_EQ(result.signal, SIGKILL) << result.err;
    kept = status(out)["kept"];
  }
  const std::string limit = std::to_string(kept + 100);
  run_to_end(synth(path, out, {"--limit", limit}));
  run_to_end(synth(path, output("whole"), {"--limit", limit}));
  const auto expected = data_files(output("whole"));
  const auto files = data_files(out);
  EXPECT_GT(expected.size(), 100U);
  for (const auto& [name, bytes] : expected) EXPECT_TRUE(files.contains(name) && files.at(name) == bytes) << name;
  // The killed runs, of a higher limit, may have drawn pictures beyond this one's last.
  const std::string last = std::ranges::max(pictures_of(output("whole")));
  for (const auto& [name, bytes] : files) {
    const bool drawn_ahead = name > last && name.ends_with(".jpg");
    EXPECT_TRUE(drawn_ahead || expected.contains(name)) << name << " is one too many";
  }
}

TEST_F(Synth, ReportAndExportAreWrittenFromWhatThereIs) {
  const std::string out = output("set");
  run_to_end(synth(recipe("set"), out));
  const auto before = data_files(out);
  fs::remove_all(out + "/data");
  fs::remove(out + "/report.html");
  EXPECT_THAT(output_of({"synth", "report", out}), HasSubstr("report.html"));
  const std::string report = read_text_file(out + "/report.html", 1 << 26);
  EXPECT_THAT(report, AllOf(HasSubstr("<html"), HasSubstr("ContrastShort"), Not(HasSubstr("<script"))));
  EXPECT_THAT(report, AllOf(Not(HasSubstr("src=\"http")), Not(HasSubstr("<link"))));

  EXPECT_THAT(output_of({"synth", "export", out}), HasSubstr("data/train.jsonl"));
  EXPECT_EQ(data_files(out), before);
  EXPECT_GT(json_of({"synth", "export", out, "--json"})["parts"]["train"]["records"], 30);
  EXPECT_THAT(output_of({"synth", "retry", out}), HasSubstr("nothing has failed"));
}

TEST_F(Synth, ObjectsAreCounted) {
  EXPECT_THAT(output_of({"synth", "objects"}),
              AllOf(HasSubstr("clipart      93     93"), HasSubstr("all         126    126")));
  EXPECT_THAT(output_of({"synth", "objects", "--nouns"}), HasSubstr("leaves"));
  const std::string shapes = recipe("shapes", [](auto& json) { json["objects"] = {{"objects", {"shapes"}}}; });
  EXPECT_THAT(output_of({"synth", "objects", shapes}), HasSubstr("all        13     13"));
}

TEST_F(Synth, KindsAreListedWrittenAndAdded) {
  EXPECT_THAT(output_of({"synth", "kinds"}), AllOf(HasSubstr("Color  "), HasSubstr("TextQA"), HasSubstr("ConvShort")));
  EXPECT_THAT(output_of({"synth", "--keys"}), AllOf(HasSubstr("kinds_per_picture"), HasSubstr("max_cost")));
  const std::string kinds = output("kinds");
  EXPECT_THAT(output_of({"synth", "kinds", "--write", kinds}), HasSubstr("files into"));
  expect_failure({"synth", "kinds", "--write", kinds}, {"color.yaml", "a new file"});

  std::string own = read_text_file(kinds + "/color.yaml", 1 << 16);
  own.replace(own.find("name: Color"), 11, "name: Hues");
  const std::string file = folder_.put("hues.yaml", own);
  const std::string path = recipe("own", [](auto& json) {
    json["kind_files"] = {"hues.yaml"};
    json["kinds"] = {"Hues"};
    json["kinds_per_picture"] = 1;
    json["items"] = 10;
  });
  EXPECT_THAT(output_of({"synth", "kinds", path}), AllOf(HasSubstr("Hues"), HasSubstr("Color")));
  run_to_end(synth(path, output("own-set")));
  for (const auto& record : records_of(output("own-set"))) EXPECT_EQ(record.at("kind"), "Hues");
  fs::remove(file);
  EXPECT_THAT(output_of({"synth", "report", output("own-set")}), HasSubstr("report.html"))
      << "the folder has its own copy of the kind";
}

}  // namespace
}  // namespace fusion
