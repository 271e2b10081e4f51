#include "workflows/synthesis/run/run_folder.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "foundation/config/input_file.h"
#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr const char* kRecipeFile = "recipe.json";
constexpr uint64_t kMaxKindText = 1 << 20;

std::string source_of_text(const Recipe& recipe) {
  return recipe.text_endpoint ? recipe.text_endpoint->model : "embedded grammar";
}

std::string source_of_pictures(const Recipe& recipe) {
  if (recipe.picture_endpoint) return recipe.picture_endpoint->model;
  return recipe.pictures_from == PicturesFrom::kRenderer ? "embedded renderer" : "pictures that were there";
}

std::string source_of_captions(const Recipe& recipe) {
  return recipe.captions_from == CaptionsFrom::kWorld ? "embedded world"
                                                      : fs::path(recipe.captions_path).filename().string();
}

std::vector<std::pair<std::string, std::string>> made_with(const Recipe& recipe) {
  std::vector<std::pair<std::string, std::string>> rows = {{"recipe", fs::path(recipe.path).filename().string()},
                                                           {"seed", cat(recipe.seed)},
                                                           {"captions", source_of_captions(recipe)},
                                                           {"text", source_of_text(recipe)},
                                                           {"pictures", source_of_pictures(recipe)}};
  if (recipe.agreement_endpoint) rows.emplace_back("agreement", recipe.agreement_endpoint->model);
  if (!recipe.agreement_model.empty()) {
    rows.emplace_back("agreement", fs::path(recipe.agreement_model).filename().string());
  }
  return rows;
}

std::map<std::string, std::string> filter_help() {
  std::map<std::string, std::string> help;
  for (const FilterInfo& each : filter_infos()) help.emplace(each.name, each.help);
  return help;
}

/// Where the looks of a source come from, for people.
std::string origin_of(LookSource source) {
  switch (source) {
    case LookSource::kShape:
    case LookSource::kDrawing:
      return "own drawings";
    case LookSource::kClipart:
    case LookSource::kOpenclipart:
      return "openclipart";
    case LookSource::kStamp:
      return "tuxpaint-stamps-default";
    case LookSource::kEmoji:
      return "fonts-noto-color-emoji";
  }
  return "";
}

std::vector<DrawingSource> drawings_of(const Catalogue& catalogue) {
  std::map<std::pair<std::string, std::string>, DrawingSource> sources;  // by name and licence
  for (const Look& look : catalogue.looks()) {
    DrawingSource& source = sources[{std::string(source_name(look.source)), look.licence}];
    source.name = source_name(look.source);
    source.licence = look.licence;
    source.origin = origin_of(look.source);
    ++source.drawings;
  }
  std::vector<DrawingSource> list;
  for (auto& [key, source] : sources) list.push_back(std::move(source));
  return list;
}

/// What a kind file is called in the folder. One that lies there, where a run goes on with its own recipe, keeps its
/// name.
std::string kept_name(const fs::path& file, size_t number, const fs::path& kinds) {
  std::error_code code;
  const bool lies_there = fs::equivalent(file.parent_path(), kinds, code);
  return lies_there ? file.filename().string() : cat(number, "-", file.filename().string());
}

}  // namespace

void keep_recipe(const Recipe& recipe, const std::string& folder) {
  nlohmann::ordered_json json = recipe_to_json(recipe);
  auto kind_files = nlohmann::ordered_json::array();
  const fs::path kinds = fs::path(folder) / "kinds";
  if (!recipe.kind_files.empty()) fs::create_directories(kinds);
  for (size_t i = 0; i < recipe.kind_files.size(); ++i) {
    const std::string name = kept_name(recipe.kind_files[i], i, kinds);
    write_text_file((kinds / name).string(), read_text_file(recipe.kind_files[i], kMaxKindText));
    kind_files.push_back("kinds/" + name);
  }
  json["kind_files"] = kind_files;
  const auto from_folder = [&](const std::string& path) { return fs::proximate(path, folder).generic_string(); };
  if (!recipe.captions_path.empty()) json["captions"]["path"] = from_folder(recipe.captions_path);
  if (!recipe.agreement_model.empty()) json["agreement"]["model"] = from_folder(recipe.agreement_model);
  const std::string& words = recipe.filters.unsafe_words.list;
  if (!words.empty()) json["filters"]["unsafe_words"]["list"] = from_folder(words);
  for (size_t i = 0; i < recipe.filters.leakage.benchmarks.size(); ++i) {
    json["filters"]["leakage"]["benchmarks"][i] = from_folder(recipe.filters.leakage.benchmarks[i]);
  }
  write_text_file((fs::path(folder) / kRecipeFile).string(), cat(json.dump(2), "\n"));
}

Recipe kept_recipe(const std::string& folder) {
  const fs::path path = fs::path(folder) / kRecipeFile;
  if (!fs::exists(path)) {
    throw Error({.who = folder,
                 .expected = "the folder of a synthesis run",
                 .got = cat("no ", kRecipeFile, " in it"),
                 .hint = "give the folder that --out named"});
  }
  return read_recipe(path.string());
}

std::string run_name(const std::string& folder) {
  const fs::path path = fs::absolute(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

CardFacts card_facts(const Recipe& recipe, const std::string& folder, const Catalogue* catalogue) {
  CardFacts facts{.name = run_name(folder),
                  .program = cat("fusion ", FUSION_VERSION),
                  .command = cat("fusion synth recipe.json --out ", run_name(folder)),
                  .recipe = recipe_to_json(recipe).dump(2),
                  .made_with = made_with(recipe),
                  .filter_help = filter_help()};
  const KindRegistry kinds = recipe_kinds(recipe);
  for (const Kind& kind : kinds.kinds()) facts.kind_help.emplace(kind.name, kind.help);
  if (catalogue != nullptr) facts.drawings = drawings_of(*catalogue);
  return facts;
}

ReportFacts report_facts(const Recipe& recipe, const std::string& folder, StatusView status) {
  return {.title = run_name(folder), .made = made_with(recipe), .filter_help = filter_help(), .run = std::move(status)};
}

}  // namespace fusion
