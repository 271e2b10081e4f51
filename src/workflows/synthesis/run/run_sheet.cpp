#include "workflows/synthesis/run/run_sheet.h"

#include <filesystem>
#include <map>
#include <utility>

#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/synthesis/render/encode.h"
#include "workflows/synthesis/report/limited_stream.h"
#include "workflows/synthesis/report/run_statistics.h"
#include "workflows/synthesis/run/run_folder.h"
#include "workflows/synthesis/stages/run_stages.h"
#include "workflows/synthesis/store/synth_store.h"

namespace fusion {

namespace {

constexpr int kSheetQuality = 82;

void require_picture_name(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".jpg" || extension == ".jpeg" || extension == ".png") return;
  throw Error({.who = path, .expected = "a name that ends in .jpg or .png", .got = printable(extension)});
}

SheetEntry entry_of(const std::string& folder, const ShownItem& shown) {
  const Conversation& conversation = shown.item.conversations[shown.conversation];
  const Round& round = conversation.rounds.front();
  return {.picture = load_picture(std::filesystem::path(folder) / shown.item.picture),
          .heading = conversation.kind,
          .question = round.question,
          .answer = round.answer};
}

}  // namespace

std::vector<ShownItem> take_turns(const std::vector<Item>& items) {
  std::map<std::string, int64_t> times;
  std::vector<ShownItem> shown;
  for (const Item& item : items) {
    const auto& conversations = item.conversations;
    size_t best = conversations.size();
    for (size_t i = 0; i < conversations.size(); ++i) {
      if (conversations[i].rounds.empty()) continue;
      if (best == conversations.size() || times[conversations[i].kind] < times[conversations[best].kind]) best = i;
    }
    if (best == conversations.size()) continue;
    ++times[conversations[best].kind];
    shown.push_back({.item = item, .conversation = best});
  }
  return shown;
}

int64_t write_sheet(const std::string& folder, const std::string& path, const RunSheetOptions& options) {
  require_picture_name(path);
  if (options.count < 1 || options.count > 500) {
    throw Error({.who = "the pictures of a contact sheet", .expected = "1 to 500", .got = cat(options.count)});
  }
  SynthStore store = SynthStore::for_reading(folder);
  ItemSample sample(static_cast<size_t>(options.count), static_cast<uint64_t>(options.seed));
  const RunIdentity& run = store.identity();
  const auto judged = store.items(ItemFilter::kDone);
  LimitedStream items(*judged, shard_share(kept_recipe(folder).items, run.shard, run.shards));
  while (const auto item = items.next()) sample.add(*item);
  const std::vector<ShownItem> chosen = take_turns(sample.items());
  if (chosen.empty()) {
    throw Error(
        {.who = folder, .expected = "conversations that were kept", .got = "none", .hint = "let the run go on"});
  }
  std::vector<SheetEntry> entries;
  entries.reserve(chosen.size());
  for (const ShownItem& shown : chosen) entries.push_back(entry_of(folder, shown));
  const Picture sheet = contact_sheet(entries, options.layout);
  const bool png = path.ends_with(".png");
  const EncodedPicture file = png ? encode_png(sheet) : encode_jpeg(sheet, kSheetQuality);
  OutputFile out(path);
  out.write(file.bytes);
  out.commit();
  return static_cast<int64_t>(entries.size());
}

}  // namespace fusion
