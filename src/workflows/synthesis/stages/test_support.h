#pragma once
// For tests only: roles that need no model, and a run's whole outcome as text.

#include <atomic>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "foundation/core/text.h"
#include "workflows/synthesis/stages/picture_file.h"
#include "workflows/synthesis/stages/run_stages.h"

namespace fusion {

/// Captions 0, 1, 2 ..., two kinds each; `count` of them where that is given.
class NumberedCaptions : public CaptionSource {
 public:
  explicit NumberedCaptions(std::optional<int64_t> count = std::nullopt) : count_(count) {}
  std::optional<Item> caption(int64_t id) override {
    if (count_ && id >= *count_) return std::nullopt;
    asked = id + 1;
    Item item;
    item.id = id;
    item.kinds = {"Color", "Count"};
    item.caption = cat("caption ", id);
    return item;
  }
  BrokenCaptions broken() const override { return passed_over; }

  int64_t asked = 0;  ///< captions up to the highest that was asked for
  BrokenCaptions passed_over = {};

 private:
  std::optional<int64_t> count_;
};

/// Is told of every call before it is made: may wait, or throw.
using OnCall = std::function<void(Stage stage, int64_t id, const CallContext& context)>;

inline std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

class FakeWriter : public Writer {
 public:
  explicit FakeWriter(OnCall on_call) : on_call_(std::move(on_call)) {}
  void expand(Item& item, const CallContext& context) override {
    if (on_call_) on_call_(Stage::kExpand, item.id, context);
    item.descriptions = {cat(item.caption, ", at length")};
  }
  void ask(Item& item, const EncodedPicture& picture, const CallContext& context) override {
    if (on_call_) on_call_(Stage::kAsk, item.id, context);
    for (const std::string& kind : item.kinds) {
      Conversation& out = item.conversations.emplace_back();
      out.kind = kind;
      Round& round = out.rounds.emplace_back();
      round.question = cat("What of ", item.descriptions.at(0), "?");
      round.answer = cat(picture.bytes.size(), " bytes");
    }
    context.usage->calls += 1;
    context.usage->output_tokens += 10;
    context.usage->cost += 0.5;
  }

 private:
  OnCall on_call_;
};

class FakePainter : public Painter {
 public:
  explicit FakePainter(OnCall on_call) : on_call_(std::move(on_call)) {}
  EncodedPicture draw(const Item& item, const CallContext& context) override {
    if (on_call_) on_call_(Stage::kDraw, item.id, context);
    std::string text = item.descriptions.at(0);
    text.resize(static_cast<size_t>(picture_bytes + item.id % 17), '.');
    return {.bytes = bytes_of(text), .extension = "png"};
  }
  int64_t picture_bytes = 40;

 private:
  OnCall on_call_;
};

/// Drops some captions, and conversations by a rule that every judgement before bears on.
class ChainJudge : public Judge {
 public:
  void judge_caption(Item& item) override {
    if (item.id % 7 == 3) drop(item);
  }
  void judge(Item& item) override {
    order.push_back(item.id);
    for (Conversation& each : item.conversations) {
      if (chain_ % 5 == 0) each.dropped_by = "chain";
      learn(item.id, each);
    }
    if (kept_conversations(item) == 0) drop(item);
  }
  void remember_caption(const Item&) override { ++remembered_captions; }
  void remember(const Item& item) override {
    remembered.push_back(item.id);
    for (const Conversation& each : item.conversations) learn(item.id, each);
  }

  std::vector<int64_t> order;
  std::vector<int64_t> remembered;
  int64_t remembered_captions = 0;

 private:
  static void drop(Item& item) {
    item.dropped_by = "chain";
    item.drop_reason = "it had to be";
  }
  void learn(int64_t id, const Conversation& conversation) {
    chain_ = chain_ * 31 + static_cast<uint64_t>(id) * 7 + (conversation.dropped_by.empty() ? 1 : 2);
  }

  uint64_t chain_ = 1;
};

/// Stands for what looks at a picture.
inline void inspect_by_size(Item& item, const EncodedPicture& picture) {
  item.width = static_cast<int64_t>(picture.bytes.size());
  item.height = 1;
}

/// A run's parts, with workers enough for things to happen in any order.
struct TestRun {
  explicit TestRun(OnCall on_call = {}, std::optional<int64_t> captions = std::nullopt)
      : source(captions), writer(on_call), painter(on_call) {
    options.expand.workers = 2;
    options.draw.workers = 3;
    options.ask.workers = 4;
    options.max_on_their_way = 40;
    options.commit_items = 16;
  }

  RunSummary run(const std::string& folder, const RunIdentity& identity = {.recipe = "test"}) {
    SynthStore store = SynthStore::for_run(folder, identity);
    return run(store);
  }
  RunSummary run(SynthStore& store) {
    const Roles roles{.captions = source,
                      .expand = writer,
                      .draw = painter,
                      .ask = writer,
                      .judge = judge,
                      .inspect = inspect_by_size};
    return run_stages(store, roles, options);
  }

  NumberedCaptions source;
  FakeWriter writer;
  FakePainter painter;
  ChainJudge judge;
  StageOptions options;
};

/// All items with their stages and pictures, a line each.
inline std::string outcome_of(const std::string& folder) {
  SynthStore store = SynthStore::for_reading(folder);
  std::string text;
  for (const StoredItem& row : store.read(ItemFilter::kAll, -1, 1'000'000)) {
    text += cat(row.item.id, ' ', stage_name(row.stage), ' ', item_to_json(row.item).dump());
    if (!row.item.picture.empty()) {
      const EncodedPicture picture = read_picture(folder, row.item.picture);
      text += cat(' ', std::string_view(reinterpret_cast<const char*>(picture.bytes.data()), picture.bytes.size()));
    }
    text += '\n';
  }
  return text;
}

}  // namespace fusion
