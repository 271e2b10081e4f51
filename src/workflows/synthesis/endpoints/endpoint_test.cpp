#include "workflows/synthesis/endpoints/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>

#include "foundation/config/test_support.h"
#include "foundation/http/test_support.h"
#include "workflows/synthesis/endpoints/chat_endpoint.h"
#include "workflows/synthesis/endpoints/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;

const std::string kReply =
    R"({"choices": [{"message": {"role": "assistant", "content": "{\"word\": \"hello\"}"}}], "usage": {"prompt_tokens": 70, "completion_tokens": 5}})";

/// Answers requests with these in turn, the last one again and again. Half an answer closes the connection.
class Script {
 public:
  explicit Script(std::vector<std::string> answers)
      : answers_(std::move(answers)), server_([this](Peer& peer) { serve(peer); }) {}

  std::string url() const { return server_.url() + "/v1"; }
  size_t calls() const { return calls_; }
  /// The last request.
  std::string seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  void serve(Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      const std::string& answer = answers_[std::min(calls_++, answers_.size() - 1)];
      {
        const std::lock_guard lock(mutex_);
        seen_ = request;
      }
      peer.write(answer);
      if (answer.find("\r\n\r\n") == std::string::npos) return;
    }
  }

  std::vector<std::string> answers_;
  mutable std::mutex mutex_;
  std::string seen_;
  std::atomic<size_t> calls_ = 0;
  RawServer server_;
};

/// The word of the reply; throws what the endpoint throws.
std::string ask(TestEndpoint& test) {
  std::string word;
  const auto use = [&](const nlohmann::json& reply) {
    word = JsonObject(reply, "the reply").required<std::string>("word");
  };
  ChatEndpoint(test.endpoint).ask({{.text = "Say hello."}}, 1, use, test.context);
  return word;
}

/// What it throws: "CallFailed: ..." or "ProviderUnusable: ...".
std::string failure(TestEndpoint& test) {
  try {
    return cat("a reply: ", ask(test));
  } catch (const ProviderUnusable& error) {
    return cat("ProviderUnusable: ", error.what());
  } catch (const CallFailed& error) {
    return cat("CallFailed: ", error.what());
  }
}

TEST(Endpoint, AsksAndCounts) {
  Script script({http_answer(kReply)});
  EndpointOptions options = options_for(script.url());
  options.price_per_million_input_tokens = 10;
  options.price_per_million_output_tokens = 100;
  options.temperature = 0.5;
  TestEndpoint test(options);
  EXPECT_EQ(ask(test), "hello");
  EXPECT_EQ(test.usage.calls, 1);
  EXPECT_EQ(test.usage.retries, 0);
  EXPECT_EQ(test.usage.input_tokens, 70);
  EXPECT_EQ(test.usage.output_tokens, 5);
  EXPECT_NEAR(test.usage.cost, 70e-6 * 10 + 5e-6 * 100, 1e-12);
  const std::string seen = script.seen();
  EXPECT_THAT(seen, HasSubstr("POST /v1/chat/completions HTTP/1.1"));
  EXPECT_THAT(seen, HasSubstr(R"("model":"test")"));
  EXPECT_THAT(seen, HasSubstr(R"("temperature":0.5)"));
  EXPECT_THAT(seen, HasSubstr(R"("response_format":{"type":"json_object"})"));
  EXPECT_THAT(seen, Not(HasSubstr("Authorization")));
  EXPECT_THAT(seen, Not(HasSubstr("seed")));
}

TEST(Endpoint, SendsASeedAndNoJsonModeWhereItIsToldTo) {
  Script script({http_answer(kReply)});
  EndpointOptions options = options_for(script.url());
  options.json_mode = false;
  options.send_seed = true;
  TestEndpoint test(options);
  ask(test);
  const std::string seen = script.seen();
  EXPECT_THAT(seen, AllOf(HasSubstr(R"("seed":)"), Not(HasSubstr("response_format"))));
  ask(test);
  EXPECT_EQ(script.seen(), seen);
}

TEST(Endpoint, EstimatesTokensThatNobodyCounted) {
  for (const char* usage :
       {"", R"(, "usage": null)", R"(, "usage": {"prompt_tokens": -1, "completion_tokens": 1e99})"}) {
    Script script({http_answer(cat(R"({"choices": [{"message": {"content": "{\"word\": \"hello\"}"}}])", usage, "}"))});
    TestEndpoint test(options_for(script.url()));
    ask(test);
    EXPECT_EQ(test.usage.input_tokens, 2);
    EXPECT_EQ(test.usage.output_tokens, 4);
  }
}

TEST(Endpoint, SendsTheKeyAndNeverShowsIt) {
  ::setenv("FUSION_TEST_KEY", "sesame", 1);
  Script script({http_answer(R"({"error": {"message": "Incorrect API key: sesame"}})", "401 Unauthorized")});
  EndpointOptions options = options_for(script.url());
  options.key_variable = "FUSION_TEST_KEY";
  TestEndpoint test(options);
  const std::string message = failure(test);
  EXPECT_THAT(script.seen(), HasSubstr("Authorization: Bearer sesame\r\n"));
  EXPECT_THAT(message, HasSubstr("status 401: Incorrect API key: ***"));
  EXPECT_THAT(message, Not(HasSubstr("sesame")));
  ::unsetenv("FUSION_TEST_KEY");
  EXPECT_THAT(error_of([&] { Endpoint endpoint(options); }), HasSubstr("FUSION_TEST_KEY"));
}

TEST(Endpoint, StopsTheRunWhereTheFirstCallIsRefused) {
  for (const char* status : {"401 Unauthorized", "403 Forbidden", "404 Not Found"}) {
    Script script({http_answer("no", status)});
    TestEndpoint test(options_for(script.url()));
    EXPECT_THAT(failure(test), HasSubstr(cat("ProviderUnusable: 127.0.0.1:"))) << status;
    EXPECT_EQ(script.calls(), 1u) << "it is not worth another try";
  }
}

TEST(Endpoint, StopsTheRunWhereNobodyListens) {
  std::string url;
  {
    url = RawServer([](Peer&) {}).url();
  }
  TestEndpoint test(options_for(url));
  EXPECT_THAT(failure(test), AllOf(HasSubstr("ProviderUnusable: "), HasSubstr("nobody listening")));
  EXPECT_EQ(test.usage.retries, 0);
}

TEST(Endpoint, SetsOneItemAsideWhereALaterCallIsRefused) {
  Script script({http_answer(kReply), http_answer("flagged", "403 Forbidden"), http_answer(kReply)});
  TestEndpoint test(options_for(script.url()));
  EXPECT_EQ(ask(test), "hello");
  EXPECT_THAT(failure(test), HasSubstr("CallFailed: "));
  EXPECT_EQ(ask(test), "hello");
}

TEST(Endpoint, DoesNotRepeatABadRequest) {
  for (const char* status : {"400 Bad Request", "422 Unprocessable", "302 Found"}) {
    Script script({http_answer(R"({"error": "no such format"})", status)});
    TestEndpoint test(options_for(script.url()));
    EXPECT_THAT(failure(test), AllOf(HasSubstr("CallFailed: "), HasSubstr(": no such format"))) << status;
    EXPECT_EQ(script.calls(), 1u);
  }
}

TEST(Endpoint, GivesTheTokenLimitTheNameThatTheServerAsksFor) {
  const std::string refusal = http_answer(
      R"({"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."}})",
      "400 Bad Request");
  Script script({refusal, http_answer(kReply)});
  EndpointOptions options = options_for(script.url());
  options.max_tokens = 321;
  TestEndpoint test(options);
  EXPECT_EQ(ask(test), "hello");
  EXPECT_THAT(script.seen(), AllOf(HasSubstr(R"("max_completion_tokens":321)"), Not(HasSubstr(R"("max_tokens")"))));
  EXPECT_EQ(test.usage.retries, 1);
  EXPECT_THAT(test.clock->waits(), ElementsAre()) << "there is nothing to wait for";
  EXPECT_EQ(ask(test), "hello");
  EXPECT_EQ(script.calls(), 3u) << "it is not asked with the first name again";

  Script stubborn({refusal});
  TestEndpoint once(options_for(stubborn.url()));
  EXPECT_THAT(failure(once), AllOf(HasSubstr("CallFailed: "), HasSubstr("status 400")));
  EXPECT_EQ(stubborn.calls(), 2u) << "each name once";
}

TEST(Endpoint, CountsTheTokensOfAnAnswerWithoutAReply) {
  Script script({http_answer(R"({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 3}})"),
                 http_answer(R"({"choices": []})"), http_answer(kReply)});
  EndpointOptions options = options_for(script.url());
  options.price_per_million_input_tokens = 10;
  TestEndpoint test(options);
  EXPECT_EQ(ask(test), "hello");
  EXPECT_EQ(test.usage.calls, 1);
  EXPECT_EQ(test.usage.input_tokens, 11 + 70);
  EXPECT_EQ(test.usage.output_tokens, 3 + 5);
  EXPECT_NEAR(test.usage.cost, 81e-6 * 10, 1e-12);
}

TEST(Endpoint, TriesAgainLaterAndLater) {
  Script script({http_answer("", "500 Oops"), "HTTP/1.1 200", http_answer("", "503 Busy"), "garbage\r\n\r\n",
                 http_answer("{\"choices\": ["), http_answer(kReply)});
  TestEndpoint test(options_for(script.url()));
  EXPECT_EQ(ask(test), "hello");
  EXPECT_EQ(test.usage.retries, 5);
  EXPECT_EQ(test.usage.calls, 1);
  EXPECT_THAT(test.clock->waits(),
              ElementsAre(AllOf(Ge(0.5), Le(1.0)), AllOf(Ge(1.0), Le(2.0)), AllOf(Ge(2.0), Le(4.0)),
                          AllOf(Ge(4.0), Le(8.0)), AllOf(Ge(8.0), Le(16.0))));
}

TEST(Endpoint, GivesUpAfterItsLastAttempt) {
  Script script({http_answer("", "500 Oops")});
  EndpointOptions options = options_for(script.url());
  options.max_attempts = 3;
  TestEndpoint test(options);
  EXPECT_THAT(failure(test), AllOf(HasSubstr("CallFailed: "), HasSubstr("status 500"), HasSubstr("after 3 attempts")));
  EXPECT_EQ(script.calls(), 3u);
  EXPECT_EQ(test.usage.retries, 2);
}

TEST(Endpoint, WaitsAsLongAsTheServerAsks) {
  Script script({http_answer("", "429 Slow down", "Retry-After: 40\r\n"),
                 http_answer("", "429 Slow down", "Retry-After: Tue, 14 Nov 2023 22:31:00 GMT\r\n"),
                 http_answer(kReply)});
  TestEndpoint test(options_for(script.url()));
  EXPECT_EQ(ask(test), "hello");
  // The fake clock's day begins at 22:13:20 plus 1000 s, and 40 s have passed.
  EXPECT_THAT(test.clock->waits(), ElementsAre(40, 20));
}

TEST(Endpoint, DoesNotWaitForHours) {
  Script script({http_answer("", "429 Slow down", "Retry-After: 86400\r\n")});
  TestEndpoint test(options_for(script.url()));
  EXPECT_THAT(failure(test), HasSubstr("CallFailed: "));
  EXPECT_EQ(script.calls(), 1u);
}

TEST(Endpoint, StopsTheRunWhereCallAfterCallIsGivenUp) {
  Script script({http_answer(kReply), http_answer("", "400 Bad Request")});
  EndpointOptions options = options_for(script.url());
  options.max_failures_in_a_row = 4;
  TestEndpoint test(options);
  ask(test);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(failure(test), HasSubstr("CallFailed: "));
  EXPECT_THAT(failure(test), AllOf(HasSubstr("ProviderUnusable: "), HasSubstr("4 calls in a row")));
}

std::string reply_with(const std::string& content, const std::string& finish = "stop") {
  const nlohmann::json answer = {{"choices", {{{"message", {{"content", content}}}, {"finish_reason", finish}}}},
                                 {"usage", {{"prompt_tokens", 1}, {"completion_tokens", 1}}}};
  return http_answer(answer.dump());
}

TEST(Endpoint, TellsTheModelWhatWasWrongWithItsReply) {
  Script script(
      {reply_with("I would rather not."), reply_with(R"({"wort": "hello"})"), reply_with(R"({"word": "hi"})")});
  TestEndpoint test(options_for(script.url()));
  EXPECT_EQ(ask(test), "hi");
  EXPECT_EQ(test.usage.calls, 3);
  EXPECT_EQ(test.usage.retries, 2);
  EXPECT_EQ(test.usage.input_tokens, 3) << "all of them are paid for";
  const std::string seen = script.seen();
  EXPECT_THAT(seen, HasSubstr(R"({"role":"assistant","content":"{\"wort\": \"hello\"}"})"));
  EXPECT_THAT(seen, HasSubstr("That cannot be used. the reply: expected a key 'word', got none"));
  EXPECT_THAT(seen, Not(HasSubstr("rather not"))) << "earlier replies would make the conversation grow";
}

TEST(Endpoint, TellsTheModelThatItsReplyWasTooLong) {
  Script script({reply_with(R"({"word": "he)", "length"), reply_with(R"({"word": "hi"})")});
  TestEndpoint test(options_for(script.url()));
  EXPECT_EQ(ask(test), "hi");
  EXPECT_THAT(script.seen(), HasSubstr("say it in fewer words"));
}

TEST(Endpoint, GivesUpAReplyThatStaysUseless) {
  Script script({reply_with("no")});
  EndpointOptions options = options_for(script.url());
  options.max_reasks = 1;
  options.max_failures_in_a_row = 3;
  TestEndpoint test(options);
  EXPECT_THAT(failure(test), AllOf(HasSubstr("CallFailed: "), HasSubstr("asked 2 times")));
  EXPECT_EQ(script.calls(), 2u);
  EXPECT_THAT(failure(test), HasSubstr("CallFailed: "));
  EXPECT_THAT(failure(test), HasSubstr("ProviderUnusable: "))
      << "a model that never gets it right must not cost a night";
}

TEST(Endpoint, HidesTheKeyInWhatAModelRepeatsOfIt) {
  for (const char* key : {"sesame", "*"}) {
    ::setenv("FUSION_TEST_KEY", key, 1);
    Script script({reply_with("{}, said sesame")});
    EndpointOptions options = options_for(script.url());
    options.key_variable = "FUSION_TEST_KEY";
    options.max_reasks = 0;
    TestEndpoint test(options);
    ChatEndpoint chat(test.endpoint);
    const auto use = [](const nlohmann::json&) { throw Error({.who = "the reply", .got = "sesame * of it"}); };
    const std::string message = error_of([&] { chat.ask({{.text = "Say hello."}}, 1, use, test.context); });
    EXPECT_THAT(message, HasSubstr("***"));
    EXPECT_TRUE(std::string_view(key) == "*" || message.find(key) == std::string::npos) << message;
    ::unsetenv("FUSION_TEST_KEY");
  }
}

TEST(Endpoint, StopsWhileItWaitsForAnAnswer) {
  TestEndpoint* waiting = nullptr;
  RawServer server([&](Peer& peer) {
    peer.read_request();
    waiting->stop.request_stop();
    peer.hold();
  });
  TestEndpoint test(options_for(server.url()));
  waiting = &test;
  EXPECT_THAT(failure(test), AllOf(HasSubstr("CallFailed: "), HasSubstr("a stop was asked for")));
  EXPECT_THAT(failure(test), HasSubstr("a stop was asked for"));
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Endpoint, KeepsToItsConcurrency) {
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  RawServer server([&](Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      most = std::max<int>(most, ++now);
      --now;
      peer.write(http_answer(kReply));
    }
  });
  EndpointOptions options = options_for(server.url());
  options.concurrency = 2;
  TestEndpoint test(options);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 6; ++thread) {
    threads.emplace_back([&] {
      Usage usage;
      const CallContext context{.stop = {}, .usage = &usage};
      for (int i = 0; i < 10; ++i) {
        ChatEndpoint(test.endpoint).ask({{.text = "Say hello."}}, 1, [](const nlohmann::json&) {}, context);
      }
    });
  }
  threads.clear();
  EXPECT_LE(most, 2);
  EXPECT_LE(server.connections(), 2u);
}

TEST(Endpoint, LivesThroughHostileAnswers) {
  const std::string deep(100'000, '[');
  const std::string kilobytes(300'000, 'x');
  for (const std::string& answer :
       {http_answer(deep), http_answer("{\"choices\": " + deep), http_answer("[]"), http_answer("null"),
        http_answer("{}"), http_answer(R"({"choices": []})"), http_answer(R"({"choices": [7]})"),
        http_answer(R"({"choices": [{"message": 7}]})"), http_answer(R"({"choices": [{"message": {"content": 7}}]})"),
        http_answer("{\"choices\": \"\xff\"}"), reply_with(kilobytes), reply_with("{\"word\": " + deep),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"), http_answer("", "429 No", "Retry-After: -7\r\n"),
        http_answer(std::string(100'000, '\0'), "500 No")}) {
    Script script({answer});
    EndpointOptions options = options_for(script.url());
    options.max_attempts = 2;
    options.max_reasks = 1;
    TestEndpoint test(options);
    EXPECT_THAT(failure(test), HasSubstr("CallFailed: ")) << printable(answer, 100);
    EXPECT_EQ(script.calls(), 2u) << printable(answer, 100);
  }
}

}  // namespace
}  // namespace fusion
