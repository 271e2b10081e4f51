#include "workflows/synthesis/filters/leakage/leak_index.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>

#include "foundation/config/input_file.h"
#include "pipeline/preprocess/decode.h"
#include "workflows/synthesis/filters/leakage/json_strings.h"
#include "workflows/synthesis/filters/picture_facts.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kLargestText = uint64_t{256} << 20;
constexpr size_t kExamples = 5;
constexpr auto kTextEndings = std::to_array<std::string_view>({".csv", ".json", ".jsonl", ".tsv", ".txt"});
constexpr auto kPictureEndings = std::to_array<std::string_view>({".jpeg", ".jpg", ".png", ".webp"});

struct Files {
  std::vector<std::string> texts;
  std::vector<std::string> pictures;
};

template <size_t N>
bool has_ending(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

std::string lower_ending(const fs::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(fold_case(static_cast<uint8_t>(c)));
  return ending;
}

Error no_benchmark(const std::string& folder, const std::string& got) {
  return Error({.who = folder,
                .expected = cat("a folder with a benchmark's texts and pictures (", join(kTextEndings, " "), " ",
                                join(kPictureEndings, " "), ")"),
                .got = got,
                .hint = "see filters.leakage.benchmarks"});
}

/// What a disk's root has of its own, often closed to all but root.
bool belongs_to_the_disk(const std::string& name) {
  return name == "lost+found" || name.starts_with(".Trash");
}

Files files_below(const std::string& folder) {
  std::error_code code;
  Files files;
  fs::path at = folder;
  // A folder below that cannot be listed is no less of an error: nothing would keep its texts out.
  for (fs::recursive_directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    at = entry->path();
    if (belongs_to_the_disk(at.filename().string())) entry.disable_recursion_pending();
    const std::string ending = lower_ending(at);
    if (has_ending(kTextEndings, ending)) files.texts.push_back(at.string());
    if (has_ending(kPictureEndings, ending)) files.pictures.push_back(at.string());
  }
  if (code) throw no_benchmark(at.string(), code.message());
  std::ranges::sort(files.texts);
  std::ranges::sort(files.pictures);
  return files;
}

template <class Use>
void for_each_line(std::string_view text, const Use& use) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    use(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// Throws Error where nothing was read in the folder: a filter that knows no benchmark lets all of it pass.
void require_found(const std::string& folder, const LeakReport& before, const LeakReport& now) {
  if (now.texts + now.pictures > before.texts + before.pictures) return;
  const int64_t broken = now.broken - before.broken;
  if (broken == 0) throw no_benchmark(folder, "none");
  const bool has_example = now.examples.size() > before.examples.size();
  throw no_benchmark(folder,
                     cat(broken, " broken", has_example ? cat(": ", now.examples[before.examples.size()]) : ""));
}

}  // namespace

std::shared_ptr<const LeakIndex> LeakIndex::read(const LeakageOptions& options, const OnFile& on_file) {
  const std::shared_ptr<LeakIndex> index(new LeakIndex(options));
  if (!options.enabled) return index;
  std::vector<Files> folders;
  uint64_t total = 0;
  for (const std::string& folder : options.benchmarks) {
    folders.push_back(files_below(folder));
    total += folders.back().texts.size() + folders.back().pictures.size();
  }
  std::mutex mutex;
  uint64_t done = 0;
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    if (on_file) on_file(++done, total);
  };
  for (size_t i = 0; i < folders.size(); ++i) {
    const LeakReport before = index->report_;
    for (const std::string& path : folders[i].texts) {
      index->read_text(path);
      count();
    }
    index->read_pictures(folders[i].pictures, count);
    require_found(options.benchmarks[i], before, index->report_);
  }
  index->report_.passages = static_cast<int64_t>(index->passages_.size());
  return index;
}

void LeakIndex::count_broken(const std::string& what) {
  ++report_.broken;
  if (report_.examples.size() < kExamples) report_.examples.push_back(what);
}

void LeakIndex::add_text(std::string_view text) {
  ++report_.texts;
  const Words words = folded_words(text);
  const auto length = static_cast<size_t>(options_.words);
  if (words.size() < length) return;
  for (const uint64_t passage : shingles(words, length)) passages_.add(passage);
}

void LeakIndex::read_text(const std::string& path) {
  ++report_.text_files;
  std::string text;
  try {
    text = read_text_file(path, kLargestText);
  } catch (const Error& error) {
    count_broken(error.what());
    return;
  }
  const auto use = [this](const std::string& value) { add_text(value); };
  const std::string ending = lower_ending(path);
  if (ending == ".json") {
    if (!for_each_json_string(text, use)) count_broken(cat(path, ": broken JSON"));
    return;
  }
  int64_t number = 0;
  for_each_line(text, [&](std::string_view line) {
    ++number;
    if (ending != ".jsonl") {
      add_text(line);
    } else if (line.find_first_not_of(" \t\r") != std::string_view::npos && !for_each_json_string(line, use)) {
      count_broken(cat(path, ":", number, ": broken JSON"));
    }
  });
}

void LeakIndex::read_pictures(const std::vector<std::string>& paths, const std::function<void()>& on_picture) {
  struct Looked {
    uint64_t hash = 0;
    std::string problem;
  };
  std::vector<Looked> looked(paths.size());
  std::atomic<size_t> next = 0;
  const auto look = [&] {
    for (size_t i = next++; i < paths.size(); i = next++) {
      try {
        looked[i].hash = inspect_picture(load_picture(paths[i])).hash;
      } catch (const std::exception& error) {
        looked[i].problem = error.what();
      }
      on_picture();
    }
  };
  {
    std::vector<std::jthread> threads;
    const size_t cores = std::max(1U, std::thread::hardware_concurrency());
    for (size_t i = 0; i < std::min(cores, paths.size()); ++i) threads.emplace_back(look);
  }
  for (const Looked& each : looked) {
    if (each.problem.empty()) {
      ++report_.pictures;
      pictures_.add(each.hash);
    } else {
      count_broken(each.problem);
    }
  }
}

std::optional<std::string> LeakIndex::find(const Words& words) const {
  const auto length = static_cast<size_t>(options_.words);
  if (words.size() < length || passages_.size() == 0) return std::nullopt;
  const std::vector<uint64_t> runs = shingles(words, length);
  for (size_t i = 0; i < runs.size(); ++i) {
    const int64_t count = passages_.count(runs[i]);
    if (count == 0 || count > options_.common) continue;
    return join(std::span(words).subspan(i, length), " ");
  }
  return std::nullopt;
}

bool LeakIndex::has_picture(uint64_t hash) const {
  return pictures_.contains(hash, static_cast<int>(options_.distance));
}

Verdict LeakedCaption::check(const CaptionFacts& caption) const {
  const auto found = index_->find(caption.words);
  if (!found) return std::nullopt;
  return cat("'", printable(*found), "' stands in a benchmark");
}

Verdict LeakedQuestion::check(const ConversationFacts& conversation) const {
  for (const RoundFacts& round : conversation.rounds) {
    if (const auto found = index_->find(round.question)) return cat("'", printable(*found), "' stands in a benchmark");
  }
  return std::nullopt;
}

Verdict LeakedPicture::check(const Item& item) const {
  if (item.width == 0 || !index_->has_picture(item.picture_hash)) return std::nullopt;
  return cat("looks like a picture of a benchmark");
}

}  // namespace fusion
