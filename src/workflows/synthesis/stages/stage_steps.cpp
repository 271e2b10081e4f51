#include "workflows/synthesis/stages/stage_steps.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/stages/picture_file.h"

namespace fusion {

namespace {

using Clock = std::chrono::steady_clock;

/// Books a call's usage and time under `key` when it ends, however it ends.
class BookedCall {
 public:
  BookedCall(UsageTable& table, UsageKey key, const std::stop_token& stop)
      : table_(table), key_(std::move(key)), context_{.stop = stop, .usage = &used_} {}
  ~BookedCall() {
    used_.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    table_[key_] += used_;
  }
  BookedCall(const BookedCall&) = delete;
  BookedCall& operator=(const BookedCall&) = delete;

  const CallContext& context() const { return context_; }

 private:
  UsageTable& table_;
  UsageKey key_;
  Usage used_;
  Clock::time_point start_ = Clock::now();
  CallContext context_;
};

void require_usable(const EncodedPicture& picture, const std::string& provider) {
  static constexpr std::array<std::string_view, 3> kExtensions = {"jpg", "png", "webp"};
  if (!picture.bytes.empty() && std::ranges::count(kExtensions, picture.extension) == 1) return;
  throw Error({.who = cat("picture from ", provider),
               .expected = "a JPEG, PNG or WebP picture",
               .got = picture.bytes.empty() ? "no bytes" : cat("'", printable(picture.extension), "'")});
}

}  // namespace

void StageSteps::run(Stage stage, Item& item, const std::stop_token& stop, UsageTable& usage) const {
  switch (stage) {
    case Stage::kExpand:
      return expand(item, stop, usage);
    case Stage::kDraw:
      return draw(item, stop, usage);
    case Stage::kAsk:
      return ask(item, stop, usage);
    case Stage::kFilter:
    case Stage::kDone:
      break;  // judged by the run itself
  }
}

void StageSteps::expand(Item& item, const std::stop_token& stop, UsageTable& usage) const {
  const BookedCall call(usage, {Stage::kExpand, options_.expand.provider}, stop);
  roles_.expand.expand(item, call.context());
}

void StageSteps::draw(Item& item, const std::stop_token& stop, UsageTable& usage) const {
  EncodedPicture picture;
  {
    const BookedCall call(usage, {Stage::kDraw, options_.draw.provider}, stop);
    picture = roles_.draw.draw(item, call.context());
  }
  require_usable(picture, options_.draw.provider);
  if (roles_.inspect) roles_.inspect(item, picture);
  if (roles_.agreement != nullptr) {
    const BookedCall call(usage, {Stage::kDraw, options_.agreement_provider}, stop);
    item.agreement = roles_.agreement->agreement(item, picture, call.context());
  }
  item.picture = picture_path(item.id, picture.extension);
  write_picture(folder_, item.picture, picture);
}

void StageSteps::ask(Item& item, const std::stop_token& stop, UsageTable& usage) const {
  const EncodedPicture picture = read_picture(folder_, item.picture);
  const BookedCall call(usage, {Stage::kAsk, options_.ask.provider}, stop);
  roles_.ask.ask(item, picture, call.context());
}

void forget_picture(Item& item) {
  item.picture.clear();
  item.width = item.height = 0;
  item.picture_hash = 0;
  item.picture_contrast = 0;
  item.agreement.reset();
  item.conversations.clear();
  item.dropped_by.clear();
  item.drop_reason.clear();
}

}  // namespace fusion
