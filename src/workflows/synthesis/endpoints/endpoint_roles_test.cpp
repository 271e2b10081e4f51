#include "workflows/synthesis/endpoints/endpoint_roles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "foundation/config/test_support.h"
#include "foundation/http/base64.h"
#include "foundation/http/test_support.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/synthesis/endpoints/test_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

std::shared_ptr<const KindRegistry> kinds() {
  static const auto kKinds = std::make_shared<const KindRegistry>(KindRegistry::built_in());
  return kKinds;
}

Item item_of(int64_t id, std::vector<std::string> names) {
  Item item;
  item.id = id;
  item.kinds = std::move(names);
  item.caption = cat("Picture ", id, " of a street with cars.");
  return item;
}

EndpointOptions patient_options(const std::string& url) {
  EndpointOptions options = options_for(url);
  options.max_attempts = 12;
  options.max_reasks = 8;
  return options;
}

EndpointWriter writer_of(const TestEndpoint& test, bool send_picture = false) {
  return EndpointWriter(ChatEndpoint(test.endpoint), kinds(), /*seed=*/7, send_picture);
}

void expect_as_the_kind_wants(const Conversation& conversation, const Kind& kind) {
  EXPECT_EQ(conversation.kind, kind.name);
  EXPECT_GE(conversation.rounds.size(), static_cast<size_t>(kind.min_rounds));
  EXPECT_LE(conversation.rounds.size(), static_cast<size_t>(kind.max_rounds));
  for (const Round& round : conversation.rounds) EXPECT_EQ(round.options.size(), static_cast<size_t>(kind.options));
}

TEST(EndpointWriter, WritesEveryBuiltInKind) {
  const OpenAiServer server;
  TestEndpoint test(patient_options(server.url()));
  EndpointWriter writer = writer_of(test);
  int64_t calls = 0;
  for (const Kind& kind : kinds()->kinds()) {
    Item item = item_of(1, {kind.name});
    writer.expand(item, test.context);
    ASSERT_EQ(item.descriptions.size(), static_cast<size_t>(kind.pictures)) << kind.name;
    writer.ask(item, {}, test.context);
    ASSERT_EQ(item.conversations.size(), 1u) << kind.name;
    expect_as_the_kind_wants(item.conversations[0], kind);
    calls += 2;
  }
  EXPECT_EQ(test.usage.calls, calls);
  EXPECT_EQ(test.usage.retries, 0);
}

TEST(EndpointWriter, WritesAConversationForEachKindThatFits) {
  const OpenAiServer server({"--mess-share", "1"});
  TestEndpoint test(patient_options(server.url()));
  EndpointWriter writer = writer_of(test);
  Item item = item_of(1, {"Color", "MultiChoice", "ContrastShort"});
  writer.expand(item, test.context);
  writer.ask(item, {}, test.context);
  ASSERT_EQ(item.conversations.size(), 2u) << "its one picture shows nothing to compare";
  EXPECT_EQ(item.conversations[1].kind, "MultiChoice");
}

TEST(EndpointWriter, RepeatsItselfWhereTheServerDoes) {
  const OpenAiServer server;
  std::vector<std::string> written;
  for (int i = 0; i < 2; ++i) {
    TestEndpoint test(patient_options(server.url()));
    Item item = item_of(5, {"MultiChoice", "ConvLong"});
    writer_of(test).expand(item, test.context);
    writer_of(test).ask(item, {}, test.context);
    written.push_back(item_to_json(item).dump());
  }
  EXPECT_EQ(written[0], written[1]);
}

TEST(EndpointWriter, DescribesAPictureThatWasThereByItsCaption) {
  TestEndpoint test(options_for("http://127.0.0.1:1"));
  Item item = item_of(1, {"Color"});
  item.source_picture = "a.jpg";
  writer_of(test).expand(item, test.context);
  EXPECT_THAT(item.descriptions, testing::ElementsAre(item.caption));
}

TEST(EndpointWriter, ShowsThePictureWhereItIsToldTo) {
  std::string seen;
  RawServer server([&](Peer& peer) {
    seen = peer.read_request();
    peer.write(http_answer(
        R"({"choices": [{"message": {"content": "{\"conversation\": [{\"question\": \"A?\", \"answer\": \"b\"}]}"}}]})"));
  });
  TestEndpoint test(options_for(server.url()));
  Item item = item_of(1, {"Color"});
  item.descriptions = {"A red car."};
  const std::string bytes = "picture";
  const auto span = std::as_bytes(std::span(bytes));
  const EncodedPicture picture{.bytes = {span.begin(), span.end()}, .extension = "jpg"};
  writer_of(test, /*send_picture=*/true).ask(item, picture, test.context);
  EXPECT_THAT(seen, HasSubstr(R"({"type":"image_url","image_url":{"url":"data:image/jpeg;base64,cGljdHVyZQ=="}})"));
  EXPECT_EQ(item.conversations.size(), 1u);
}

TEST(EndpointPainter, DrawsOnePictureOrTwoSideBySide) {
  const OpenAiServer server;
  EndpointOptions options = options_for(server.url());
  options.price_per_picture = 0.25;
  TestEndpoint test(options);
  EndpointPainter painter(ImageEndpoint(test.endpoint, {.width = 96, .height = 64}));
  Item item = item_of(1, {"Color"});
  item.descriptions = {"A red car."};
  const EncodedPicture one = painter.draw(item, test.context);
  EXPECT_EQ(one.extension, "png");
  EXPECT_EQ(decode_picture(one.bytes, "one").width, 96);
  item.descriptions.push_back("A blue car.");
  const EncodedPicture two = painter.draw(item, test.context);
  EXPECT_EQ(two.extension, "jpg");
  const Picture joined = decode_picture(two.bytes, "two");
  EXPECT_GE(joined.width, 192);
  EXPECT_EQ(joined.height, 64);
  EXPECT_EQ(test.usage.pictures, 3);
  EXPECT_DOUBLE_EQ(test.usage.cost, 0.75);
}

TEST(EndpointPainter, FetchesThePictureFromTheSameServer) {
  const OpenAiServer server({"--picture-url"});
  TestEndpoint test(options_for(server.url()));
  EndpointPainter painter(ImageEndpoint(test.endpoint, {.width = 64, .height = 64, .reply = "url"}));
  Item item = item_of(1, {"Color"});
  item.descriptions = {"A red car."};
  EXPECT_EQ(decode_picture(painter.draw(item, test.context).bytes, "one").width, 64);
}

TEST(EndpointPainter, FetchesNothingFromAnotherServer) {
  RawServer other([](Peer& peer) { peer.hold(); });
  const OpenAiServer server({"--picture-url", "--picture-host", other.url().substr(7)});
  EndpointOptions options = options_for(server.url());
  options.max_attempts = 2;
  TestEndpoint test(options);
  EndpointPainter painter(ImageEndpoint(test.endpoint, {.width = 64, .height = 64, .reply = "url"}));
  Item item = item_of(1, {"Color"});
  item.descriptions = {"A red car."};
  EXPECT_THAT(error_of([&] { painter.draw(item, test.context); }), HasSubstr("ask for the picture itself"));
  EXPECT_EQ(other.connections(), 0u);
}

/// What the painter says of an answer with this in its data.
std::string error_of_data(const std::string& data) {
  RawServer server([&](Peer& peer) {
    while (!peer.read_request().empty()) peer.write(http_answer(cat(R"({"data": )", data, "}")));
  });
  EndpointOptions options = options_for(server.url());
  options.max_attempts = 2;
  TestEndpoint test(options);
  EndpointPainter painter(ImageEndpoint(test.endpoint, {}));
  Item item = item_of(1, {"Color"});
  item.descriptions = {"A red car."};
  return error_of([&] { painter.draw(item, test.context); });
}

TEST(EndpointPainter, RefusesWhatIsNoPicture) {
  EXPECT_THAT(error_of_data("[]"), HasSubstr("a list with the picture"));
  EXPECT_THAT(error_of_data("[{}]"), HasSubstr("b64_json or url"));
  EXPECT_THAT(error_of_data(R"([{"b64_json": "???"}])"), HasSubstr("no base64"));
  EXPECT_THAT(error_of_data(R"([{"b64_json": "cGljdHVyZQ=="}])"), HasSubstr("its picture: expected"));
  EXPECT_THAT(error_of_data(R"([{"url": "file:///etc/passwd"}])"), HasSubstr("begins with http"));
}

TEST(EndpointAgreement, ReadsAScore) {
  const OpenAiServer server({"--fail-share", "0.2", "--fail-modes", "no-json,wrong-schema"});
  TestEndpoint test(patient_options(server.url()));
  EndpointAgreement agreement{ChatEndpoint(test.endpoint)};
  std::set<double> scores;
  for (int64_t id = 0; id < 20; ++id) {
    Item item = item_of(id, {"Color"});
    item.descriptions = {item.caption};
    scores.insert(agreement.agreement(item, {.bytes = {}, .extension = "png"}, test.context));
  }
  EXPECT_GE(*scores.begin(), 0);
  EXPECT_LE(*scores.rbegin(), 1);
  EXPECT_GT(scores.size(), 4u);
}

TEST(Endpoints, LoseNothingWhereAFifthOfTheCallsFails) {
  const OpenAiServer server({"--fail-share", "0.2", "--mess-share", "0.3", "--fail-modes",
                             "429,500,503,closed,half-body,half-json,no-choices,wrong-schema,cut-reply,no-json,long"});
  TestEndpoint test(patient_options(server.url()));
  constexpr int64_t kItems = 100;
  std::atomic<int64_t> next = 0;
  std::atomic<int64_t> retries = 0;
  std::vector<Item> items(kItems);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      EndpointWriter writer = writer_of(test);
      EndpointPainter painter(ImageEndpoint(test.endpoint, {.width = 64, .height = 64}));
      Usage usage;
      const CallContext context{.stop = {}, .usage = &usage};
      const std::vector<std::string> names = kinds()->names();
      for (int64_t id = next++; id < kItems; id = next++) {
        Item item = item_of(id, {names[static_cast<size_t>(id) % names.size()]});
        try {
          writer.expand(item, context);
          writer.ask(item, painter.draw(item, context), context);
        } catch (const Error& error) {
          ADD_FAILURE() << error.what();
        }
        items[static_cast<size_t>(id)] = std::move(item);
      }
      retries += usage.retries;
    });
  }
  threads.clear();
  for (const Item& item : items) {
    ASSERT_EQ(item.conversations.size(), 1u) << item.id;
    expect_as_the_kind_wants(item.conversations[0], kinds()->find(item.kinds[0]));
  }
  const nlohmann::json counts = server.counts();
  int64_t failed = 0;
  for (const auto& [mode, count] : counts["failed"].items()) failed += count.get<int64_t>();
  // A connection that closes without a word may be taken for an idle one, which costs no retry.
  EXPECT_LE(retries, failed);
  EXPECT_GT(retries, 40);
  EXPECT_GE(counts["calls"]["chat"], 2 * kItems);
}

TEST(Endpoints, GoOnAfterATimeOut) {
  const OpenAiServer server({"--fail-first", "2", "--fail-modes", "timeout"});
  EndpointOptions options = patient_options(server.url());
  options.timeout = 0.3;
  TestEndpoint test(options);
  Item item = item_of(1, {"Color"});
  writer_of(test).expand(item, test.context);
  EXPECT_EQ(item.descriptions.size(), 1u);
  EXPECT_GE(test.usage.retries, 2);
}

TEST(Endpoints, SayWhenTheModelIsNotThere) {
  const OpenAiServer server({"--model", "another"});
  TestEndpoint test(options_for(server.url()));
  Item item = item_of(1, {"Color"});
  EXPECT_THROW(writer_of(test).expand(item, test.context), ProviderUnusable);
}

TEST(Endpoints, SayWhenTheKeyIsWrong) {
  const OpenAiServer server({"--key", "another"});
  ::setenv("FUSION_TEST_KEY", "sesame", 1);
  EndpointOptions options = options_for(server.url());
  options.key_variable = "FUSION_TEST_KEY";
  TestEndpoint test(options);
  Item item = item_of(1, {"Color"});
  const std::string message = error_of([&] { writer_of(test).expand(item, test.context); });
  EXPECT_THAT(message, HasSubstr("Incorrect API key: Bearer ***"));
  ::unsetenv("FUSION_TEST_KEY");
}

}  // namespace
}  // namespace fusion
