// fusion synth with a server of texts and pictures that fails: nothing is lost, nothing is there twice, caps hold.

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include "foundation/core/random_source.h"
#include "tests/synth_support.h"
#include "workflows/synthesis/endpoints/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SynthEndpoint : public SynthTest {
 protected:
  /// A recipe of texts and pictures of the server, for captions.txt, with no filter but those of captions: every
  /// caption that passes them has its record, or has failed.
  std::string endpoint_recipe(const std::string& name, const OpenAiServer& server,
                              const std::function<void(nlohmann::json&)>& edit = {}) const {
    const nlohmann::json endpoint = {{"base_url", server.url()},
                                     {"model", "test"},
                                     {"timeout", 2},
                                     {"max_attempts", 2},
                                     {"max_failures_in_a_row", 1000},
                                     {"concurrency", 16},
                                     {"price_per_million_input_tokens", 2},
                                     {"price_per_million_output_tokens", 10}};
    return recipe(name, [&](auto& json) {
      json["items"] = 1'000'000;
      json["kinds"] = {"ConvShort"};
      json["kinds_per_picture"] = 1;
      json["captions"] = {{"from", "file"}, {"path", "captions.txt"}};
      json["text"] = {{"from", "endpoint"}, {"endpoint", endpoint}};
      json["pictures"] = {{"from", "endpoint"}, {"endpoint", endpoint}, {"image", {{"width", 64}, {"height", 64}}}};
      // While some calls wait to be made again, others are under way.
      json["workers"] = {{"expand", 64}, {"draw", 64}, {"ask", 64}};
      json["limits"] = {{"currency", "EUR"}};
      for (const char* filter : {"blank_picture", "picture_size", "duplicate_picture", "format", "choice", "refusal",
                                 "answer_leak", "contradiction", "duplicate_question", "balance", "agreement"}) {
        json["filters"][filter] = {{"enabled", false}};
      }
      if (edit) edit(json);
    });
  }

  /// Writes captions.txt: so many captions of which the pool keeps all but some, which have nothing to say.
  /// Returns the ids of those that it keeps.
  std::set<int64_t> put_captions(int64_t count) const {
    std::string text;
    std::set<int64_t> kept;
    for (int64_t i = 0; i < count; ++i) {
      const bool empty_words = i % 20 == 7;
      text += empty_words ? "It is nice." : caption(i);
      text += '\n';
      if (!empty_words) kept.insert(i);
    }
    folder_.put("captions.txt", text);
    return kept;
  }

 private:
  static std::string caption(int64_t number) {
    static const Words kColors{"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"};
    static const Words kThings{"balloon", "car",  "house", "cup",    "book", "umbrella", "hat",    "flower",
                               "fish",    "boat", "kite",  "basket", "drum", "chair",    "bottle", "clock"};
    static const Words kPlaces{"beach", "forest", "street", "park", "kitchen", "garden", "library", "harbour"};
    RandomSource random(5, static_cast<uint64_t>(number));
    const auto one_of = [&](const Words& words) { return words[random.below(words.size())]; };
    return cat("A ", one_of(kColors), " ", one_of(kThings), " stands beside ", 2 + random.below(8), " ",
               one_of(kColors), " ", one_of(kThings), "s in the ", one_of(kPlaces), ", in front of a ", one_of(kColors),
               " ", one_of(kThings), ".");
  }
};

/// The numbers of the items that have records, each as often as it has one.
std::multiset<int64_t> recorded_items(const std::string& out) {
  std::multiset<int64_t> items;
  for (const auto& record : records_of(out)) {
    EXPECT_EQ(record.at("kind"), "ConvShort");
    items.insert(std::stoll(record.at("id").get<std::string>()));
  }
  return items;
}

int64_t sum_of(const nlohmann::json& counts) {
  int64_t sum = 0;
  for (const auto& count : counts) sum += count.get<int64_t>();
  return sum;
}

TEST_F(SynthEndpoint, LosesNothingWithAFifthOfTheCallsFailingAndThreeKills) {
  constexpr int64_t kCaptions = 2110;
  const std::set<int64_t> expected = put_captions(kCaptions);
  // A 429 makes all calls wait for a second: with as many of them as of the others this would take minutes.
  std::string modes = "429";
  for (int i = 0; i < 4; ++i)
    modes += ",500,503,half-json,half-body,closed,wrong-schema,no-json,cut-reply,long,timeout";
  const OpenAiServer server({"--fail-share", "0.2", "--fail-modes", modes, "--mess-share", "0.2"});
  const std::string path = endpoint_recipe("broken", server);
  const std::string out = output("run");

  std::mt19937 random(20251123);
  std::uniform_int_distribution<int64_t> moment(1500, 3500);
  for (int kill = 0; kill < 3; ++kill) {
    const auto result = run_fusion(synth(path, out), {.timeout = std::chrono::milliseconds(moment(random))});
    ASSERT_TRUE(result.killed) << result.err;
  }
  int rounds = 0;
  for (; rounds < 8; ++rounds) {
    const auto result = run_fusion(synth(path, out, {"--json"}), {.timeout = std::chrono::minutes(2)});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto summary = nlohmann::json::parse(result.out);
    const auto recorded = recorded_items(out);
    const std::set<int64_t> once(recorded.begin(), recorded.end());
    EXPECT_EQ(once.size(), recorded.size()) << "a record is there twice";
    EXPECT_EQ(static_cast<int64_t>(once.size()) + summary["failed_items"].get<int64_t>(), std::ssize(expected))
        << "lost ones";
    EXPECT_TRUE(std::ranges::includes(expected, once));
    if (summary["failed_items"] == 0) break;
    EXPECT_THAT(output_of({"synth", "retry", out, "--show", "3"}),
                AllOf(HasSubstr("(model test)"), HasSubstr("items wait again")));
  }
  RecordProperty("rounds", rounds);
  EXPECT_GE(rounds, 1) << "of 20% failing calls some have to be given up";
  const auto recorded = recorded_items(out);
  EXPECT_EQ(std::set<int64_t>(recorded.begin(), recorded.end()), expected);
  EXPECT_EQ(std::ssize(pictures_of(out)), std::ssize(expected));

  const auto counts = server.counts();
  RecordProperty("counts", counts.dump());
  EXPECT_GT(sum_of(counts["failed"]), sum_of(counts["calls"]) / 6);
  // What a kill throws away is the work of a moment.
  EXPECT_LT(sum_of(counts["calls"]) - sum_of(counts["failed"]), 3 * kCaptions + kCaptions / 2);
  EXPECT_GE(std::ssize(expected), 2000);
}

TEST_F(SynthEndpoint, CapsStopTheRunAndHigherOnesLetItGoOn) {
  put_captions(60);
  const OpenAiServer server;
  const std::string whole = output("whole");
  run_to_end(synth(endpoint_recipe("whole", server), whole));
  const nlohmann::json spent = status(whole);
  struct Cap {
    std::string key;
    nlohmann::json value;
    std::string end;
  };
  for (const Cap& cap : {Cap{"max_tokens", 20'000, "the cap on tokens"}, Cap{"max_cost", 0.05, "the cap on cost"}}) {
    const std::string out = output(cap.key);
    const std::string capped = endpoint_recipe("capped", server, [&](auto& json) {
      json["limits"][cap.key] = cap.value;
      // So few that not all is under way when the cap is reached.
      json["workers"] = {{"expand", 1}, {"draw", 4}, {"ask", 4}};
    });
    const auto stopped = nlohmann::json::parse(run_to_end(synth(capped, out, {"--json"})).out);
    EXPECT_THAT(stopped["end"].get<std::string>(), HasSubstr(cap.end));
    EXPECT_GT(stopped["kept"], 0);
    EXPECT_LT(stopped["kept"], 57);
    const auto again = nlohmann::json::parse(run_to_end(synth(capped, out, {"--json"})).out);
    EXPECT_EQ(again["usage"]["calls"], stopped["usage"]["calls"]) << "nothing is spent beyond the cap";
    EXPECT_THAT(run_to_end(synth(capped, out, {"--quiet"})).out, HasSubstr(cap.end));

    run_to_end(synth(endpoint_recipe("higher", server), out));
    EXPECT_EQ(data_files(out), data_files(whole));
    EXPECT_EQ(status(out)["stages"]["ask"]["usage"]["calls"], spent["stages"]["ask"]["usage"]["calls"]);
  }
}

TEST_F(SynthEndpoint, StatusShowsTokensCostAndFailures) {
  put_captions(20);
  const OpenAiServer server;
  const std::string out = output("run");
  run_to_end(synth(endpoint_recipe("run", server), out));
  const nlohmann::json json = status(out);
  EXPECT_EQ(json["currency"], "EUR");
  const auto& asked = json["stages"]["ask"]["usage"];
  EXPECT_EQ(asked["calls"], 19);
  EXPECT_GT(asked["input_tokens"], 1000);
  EXPECT_NEAR(asked["cost"].get<double>(),
              2e-6 * asked["input_tokens"].get<double>() + 10e-6 * asked["output_tokens"].get<double>(), 1e-9);
  EXPECT_EQ(json["stages"]["draw"]["usage"]["pictures"], 19);
  const std::string text = output_of({"synth", "status", out});
  EXPECT_THAT(text, AllOf(HasSubstr("tokens in"), HasSubstr("test at http://127.0.0.1"), HasSubstr(" EUR"),
                          HasSubstr("generic_caption")));
}

TEST_F(SynthEndpoint, WhatFailedIsToldAndBroughtHomeByRetry) {
  const std::set<int64_t> expected = put_captions(20);
  std::string path;
  const std::string out = output("run");
  {
    const OpenAiServer server({"--fail-share", "0.4", "--fail-modes", "400"});
    path = endpoint_recipe("refusing", server);
    EXPECT_THAT(run_to_end(synth(path, out, {"--quiet"})).out, HasSubstr("items failed: `fusion synth retry "));
  }
  const int64_t failed = failed_items(status(out));
  EXPECT_GT(failed, 0);
  EXPECT_THAT(output_of({"synth", "status", out}), HasSubstr("status 400: bad request"));
  EXPECT_THAT(output_of({"synth", "retry", out, "--show", "1"}),
              AllOf(HasSubstr("1 time: "), HasSubstr("status 400: bad request"),
                    HasSubstr(cat("and ", failed - 1, " more")), HasSubstr(cat(failed, " items wait again"))));
  // The run goes on at another address.
  const OpenAiServer server;
  run_to_end(synth(endpoint_recipe("moved", server), out, {"--quiet"}));
  EXPECT_EQ(failed_items(status(out)), 0);
  const auto recorded = recorded_items(out);
  EXPECT_EQ(std::set<int64_t>(recorded.begin(), recorded.end()), expected);
  EXPECT_EQ(recorded.size(), expected.size());
}

}  // namespace
}  // namespace fusion
