#include "workflows/synthesis/report/status_view.h"

#include <gmock/gmock.h>

#include "foundation/core/number_text.h"
#include "workflows/synthesis/report/text_table.h"

namespace fusion {
namespace {

StatusView example_view() {
  StatusView view{.run = "runs/demo", .currency = "USD"};
  RunStatus& status = view.status;
  for (size_t i = 0; i < status.stages.size(); ++i) status.stages[i].stage = stage_at(i);
  status.stages[0] = {.stage = Stage::kExpand, .waiting = 12, .passed = 1300, .per_second = 210.4};
  status.stages[1] = {.stage = Stage::kDraw, .waiting = 3, .passed = 1297, .failed = 2, .per_second = 0.25};
  Usage usage;
  usage.calls = 1300;
  usage.retries = 7;
  usage.input_tokens = 1'234'567;
  usage.output_tokens = 89;
  usage.seconds = 61;
  usage.cost = 0.5;
  status.usage_by_provider[{.stage = Stage::kExpand, .provider = "text"}] = usage;
  status.usage_by_provider[{.stage = Stage::kDraw, .provider = "picture"}] = {};
  status.usage = usage;
  status.counts.kept = 1200;
  status.counts.items_dropped_by = {{"blank", 3}};
  status.counts.conversations_dropped_by = {{"balance", 1041}, {"blank", 0}};
  status.limit = 10'000;
  status.kept_per_second = 30;
  status.seconds_left = 125;
  status.cost_at_limit = 4.2;
  status.tokens_at_limit = 12'000'000;
  status.idle_seconds = 3;
  view.failures = {{.stage = Stage::kDraw, .reason = "429 Too Many Requests\nretry", .items = 2}};
  return view;
}

TEST(TextStatus, TablesAreAligned) {
  EXPECT_EQ(text_status(example_view()),
            "runs/demo: 1,200 of 10,000 conversations, 30.0/s\n"
            "\n"
            "stage   waiting   done  failed    rate\n"
            "expand       12  1,300       0   210/s\n"
            "draw          3  1,297       2  0.25/s\n"
            "ask           0      0       0       -\n"
            "filter        0      0       0       -\n"
            "\n"
            "stage   provider  calls  retries  tokens in  tokens out  pictures        work        cost\n"
            "expand  text      1,300        7  1,234,567          89         0  1 min 01 s  0.5000 USD\n"
            "draw    picture       0        0          0           0         0         0 s  0.0000 USD\n"
            "all               1,300        7  1,234,567          89         0  1 min 01 s  0.5000 USD\n"
            "\n"
            "dropped by  items  conversations\n"
            "balance         0          1,041\n"
            "blank           3              0\n"
            "\n"
            "stage  failed  why\n"
            "draw        2  429 Too Many Requests?retry\n"
            "\n"
            "forecast: done in 2 min 05 s, 12,000,000 tokens in all, 4.20 USD in all\n");
}

TEST(TextStatus, SaysWhatTheDataSetHasAndWhatWasPassedOver) {
  StatusView view = example_view();
  view.status.counts.kept = 10'001;
  EXPECT_THAT(text_status(view), testing::StartsWith("runs/demo: 10,000 of 10,000 conversations"));
  view.status.limit.reset();
  EXPECT_THAT(text_status(view), testing::StartsWith("runs/demo: 10,001 conversations"));
  EXPECT_EQ(broken_captions_text({}), "");
  view.status.broken_captions = {.count = 1, .first = {"a.jsonl:2: no JSON\n"}};
  EXPECT_THAT(text_status(view),
              testing::HasSubstr("\n1 caption could not be used and was passed over: a.jsonl:2: no JSON?\n"));
  EXPECT_EQ(broken_captions_text({.count = 1005, .first = {"a:1: x", "a:2: x", "a:4: x", "a:5: x"}}),
            "1,005 captions could not be used and were passed over: a:1: x; a:2: x; a:4: x; and 1,002 more");
}

TEST(TextStatus, SaysOnlyWhatIsThere) {
  StatusView view = example_view();
  view.currency = "";
  view.failures.clear();
  view.status.usage_by_provider.clear();
  view.status.counts = {};
  view.status.limit.reset();
  view.status.seconds_left.reset();
  view.status.tokens_at_limit = 0;
  view.status.kept_per_second = 0;
  view.status.idle_seconds = 600;
  EXPECT_EQ(text_status(view),
            "runs/demo: 0 conversations, the last one 10 min 00 s ago\n"
            "\n"
            "stage   waiting   done  failed    rate\n"
            "expand       12  1,300       0   210/s\n"
            "draw          3  1,297       2  0.25/s\n"
            "ask           0      0       0       -\n"
            "filter        0      0       0       -\n");
}

TEST(TextTable, ColumnsAlign) {
  EXPECT_EQ(text_table({{"a", "b"}, {"long", "1"}}), "a     b\nlong  1\n");
  EXPECT_EQ(text_table({{"a", "b"}, {"x", "yy"}}, {1}), "a  b\nx  yy\n");
  EXPECT_EQ(text_table({}), "");
}

TEST(NumberText, ReadsWell) {
  EXPECT_EQ(whole_text(-3), "0");
  EXPECT_EQ(whole_text(1234567), "1,234,567");
  EXPECT_EQ(percent_text(0.1234), "12.3 %");
  EXPECT_EQ(rate_text(0), "-");
  EXPECT_EQ(rate_text(12.34), "12.3/s");
  EXPECT_EQ(money_text(12.3, "EUR"), "12.30 EUR");
  EXPECT_EQ(share_of(1, 0), 0);
}

}  // namespace
}  // namespace fusion
