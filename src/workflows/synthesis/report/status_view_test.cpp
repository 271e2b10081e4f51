#include "workflows/synthesis/report/status_view.h"

#include <gmock/gmock.h>

#include "workflows/synthesis/report/number_text.h"
#include "workflows/synthesis/report/text_table.h"

namespace fusion {
namespace {

TEST(TextStatus, TablesAreAligned) {
  StatusView view{.run = "runs/demo", .kept = 1200, .limit = 10'000};
  view.stages = {{.stage = "expand", .waiting = 12, .done = 1300, .rate = 210.4},
                 {.stage = "draw", .waiting = 3, .done = 1297, .failed = 2, .rate = 0.25}};
  Usage usage;
  usage.calls = 1300;
  usage.retries = 7;
  usage.input_tokens = 1'234'567;
  usage.output_tokens = 89;
  usage.seconds = 61;
  usage.cost = 0.5;
  view.usage = {{.stage = "expand", .provider = "text", .usage = usage},
                {.stage = "draw", .provider = "picture", .usage = {}}};
  view.failures = {{.stage = "draw", .reason = "429 Too Many Requests\nretry", .items = 2}};
  view.currency = "USD";
  view.seconds_left = 125;
  view.forecast_cost = 4.2;
  view.forecast_tokens = 12'000'000;
  EXPECT_EQ(text_status(view),
            "runs/demo: 1,200 of 10,000 conversations\n"
            "\n"
            "stage   waiting   done  failed  dropped    rate\n"
            "expand       12  1,300       0        0   210/s\n"
            "draw          3  1,297       2        0  0.25/s\n"
            "\n"
            "stage   provider  calls  retries  tokens in  tokens out  pictures        work        cost\n"
            "expand  text      1,300        7  1,234,567          89         0  1 min 01 s  0.5000 USD\n"
            "draw    picture       0        0          0           0         0         0 s  0.0000 USD\n"
            "all               1,300        7  1,234,567          89         0  1 min 01 s  0.5000 USD\n"
            "\n"
            "stage  items  why they failed\n"
            "draw       2  429 Too Many Requests?retry\n"
            "\n"
            "forecast: done in 2 min 05 s, 12,000,000 tokens in all, 4.20 USD in all\n");
}

TEST(TextStatus, SaysOnlyWhatIsThere) {
  EXPECT_EQ(text_status({.run = "r"}), "r: 0 conversations\n");
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
