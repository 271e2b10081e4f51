// What the renderer draws itself, and the clip art that is part of the program.

#include <algorithm>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "workflows/synthesis/catalogue/embedded_files.h"
#include "workflows/synthesis/catalogue/sources.h"

namespace fusion {

namespace {

struct ClipartEntry {
  std::string file;
  std::string noun;
  std::string category;
  std::string title;
  std::string author;
  std::string origin;

  static constexpr auto fields() {
    return std::tuple(field("file", &ClipartEntry::file, "name of the SVG"),
                      field("noun", &ClipartEntry::noun, "what it shows"),
                      field("category", &ClipartEntry::category, "what that is"),
                      field("title", &ClipartEntry::title, "as it was published"),
                      field("author", &ClipartEntry::author, "who drew it"),
                      field("origin", &ClipartEntry::origin, "its path in openclipart"));
  }
};

std::vector<Look> own_looks(std::span<const std::string_view> names, const Look& like, const std::string& prefix,
                            const NounTable& nouns) {
  std::vector<Look> looks;
  for (const std::string_view name : names) {
    Look look = like;
    look.noun = name;
    look.id = prefix + look.noun;
    look.nouns = nouns.plural(look.noun);
    look.family = nouns.family(look.noun);
    if (look.category.empty()) look.category = nouns.category(look.noun).value_or("");
    look.takes_color = true;
    look.licence = "own";
    looks.push_back(std::move(look));
  }
  return looks;
}

}  // namespace

std::vector<Look> shape_looks(const NounTable& nouns) {
  return own_looks(kShapeNouns, {.category = "shape", .source = LookSource::kShape}, "shape/", nouns);
}

std::vector<Look> drawing_looks(const NounTable& nouns) {
  return own_looks(kDrawingNouns, {.source = LookSource::kDrawing}, "drawing/", nouns);
}

std::vector<Look> clipart_looks(const NounTable& nouns) {
  const auto files = catalogue_files();
  const std::string manifest = "manifest.json";
  const auto text = std::ranges::find(files, manifest, &EmbeddedFile::name)->text;
  const nlohmann::json json = parse_json(text, manifest);
  const JsonObject object(json, manifest);
  const auto licence = object.required<std::string>("licence");
  std::vector<Look> looks;
  for (const nlohmann::json& each : *object.find("drawings")) {
    const auto entry = read_fields<ClipartEntry>(JsonObject(each, manifest));
    looks.push_back({.id = "clipart/" + entry.file.substr(0, entry.file.rfind('.')),
                     .noun = entry.noun,
                     .nouns = nouns.plural(entry.noun),
                     .category = entry.category,
                     .family = nouns.family(entry.noun),
                     .source = LookSource::kClipart,
                     .format = LookFormat::kSvg,
                     .file = entry.file,
                     .licence = licence,
                     .title = entry.title,
                     .author = entry.author});
  }
  std::ranges::sort(looks, {}, &Look::id);
  return looks;
}

}  // namespace fusion
