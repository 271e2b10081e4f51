#include "workflows/synthesis/run/recipe.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <filesystem>
#include <utility>

#include "foundation/config/input_file.h"
#include "foundation/config/yaml_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/items/hex64.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxKindFileBytes = 1 << 20;

constexpr std::array<std::pair<std::string_view, CaptionsFrom>, 3> kCaptionNames = {
    {{"world", CaptionsFrom::kWorld}, {"file", CaptionsFrom::kFile}, {"pictures", CaptionsFrom::kPictures}}};
constexpr std::array<std::pair<std::string_view, TextFrom>, 2> kTextNames = {
    {{"grammar", TextFrom::kGrammar}, {"endpoint", TextFrom::kEndpoint}}};
constexpr std::array<std::pair<std::string_view, PicturesFrom>, 3> kPictureNames = {
    {{"renderer", PicturesFrom::kRenderer},
     {"endpoint", PicturesFrom::kEndpoint},
     {"captions", PicturesFrom::kCaptions}}};

template <class Table, class Value>
std::string name_in(const Table& table, Value value) {
  for (const auto& [name, each] : table) {
    if (each == value) return std::string(name);
  }
  return "";
}

/// The value of the object's `from`; `fallback` where it has none.
template <class Table, class Value>
Value read_from(const JsonObject& object, const Table& table, Value fallback) {
  const auto wanted = object.optional<std::string>("from");
  if (!wanted) return fallback;
  std::vector<std::string> names;
  for (const auto& [name, value] : table) {
    if (name == *wanted) return value;
    names.emplace_back(name);
  }
  throw Error({.who = object.who("from"), .expected = cat("one of ", join(names, ", ")), .got = printable(*wanted)});
}

/// Without a slash at the end, for its last part to be its name.
std::string beside(const std::string& recipe, const std::string& path) {
  const fs::path normal = (fs::path(recipe).parent_path() / path).lexically_normal();
  return (normal.has_filename() ? normal : normal.parent_path()).string();
}

std::string name_of(const std::string& path) {
  return fs::path(path).filename().string();
}

nlohmann::ordered_json names_of(const std::vector<std::string>& paths) {
  auto names = nlohmann::ordered_json::array();
  for (const std::string& path : paths) names.push_back(name_of(path));
  return names;
}

std::optional<EndpointOptions> read_endpoint(const JsonObject& object) {
  const auto section = object.optional_object("endpoint");
  if (!section) return std::nullopt;
  return read_endpoint_options(*section);
}

void require_endpoint(const JsonObject& object, bool wanted, bool given) {
  if (wanted == given) return;
  throw Error({.who = object.who("endpoint"),
               .expected = wanted ? "base_url and model of the endpoint" : "none",
               .got = wanted ? "none" : "an endpoint",
               .hint = wanted ? "" : "write from: endpoint, or leave it out"});
}

void read_captions(const JsonObject& object, Recipe& recipe) {
  recipe.captions_from = read_from(object, kCaptionNames, recipe.captions_from);
  const auto path = object.optional<std::string>("path");
  const bool wanted = recipe.captions_from != CaptionsFrom::kWorld;
  if (wanted != (path && !path->empty())) {
    throw Error({.who = object.who("path"),
                 .expected = wanted ? "the file or folder of the captions" : "none",
                 .got = wanted ? "none" : printable(*path),
                 .hint = wanted ? "" : "write from: file or from: pictures"});
  }
  if (wanted) recipe.captions_path = beside(recipe.path, *path);
  object.refuse_unread_keys();
}

void read_text(const JsonObject& object, Recipe& recipe) {
  recipe.text_from = read_from(object, kTextNames, recipe.text_from);
  recipe.text_endpoint = read_endpoint(object);
  recipe.send_picture = object.optional<bool>("send_picture").value_or(false);
  require_endpoint(object, recipe.text_from == TextFrom::kEndpoint, recipe.text_endpoint.has_value());
  object.refuse_unread_keys();
}

void read_pictures(const JsonObject& object, Recipe& recipe) {
  recipe.pictures_from = read_from(object, kPictureNames, recipe.pictures_from);
  recipe.picture_endpoint = read_endpoint(object);
  require_endpoint(object, recipe.pictures_from == PicturesFrom::kEndpoint, recipe.picture_endpoint.has_value());
  if (const auto image = object.optional_object("image")) recipe.image = read_image_options(*image);
  object.refuse_unread_keys();
}

void read_agreement(const JsonObject& object, Recipe& recipe) {
  recipe.agreement_endpoint = read_endpoint(object);
  const auto model = object.optional<std::string>("model");
  if (model && !model->empty()) recipe.agreement_model = beside(recipe.path, *model);
  if (recipe.agreement_endpoint && !recipe.agreement_model.empty()) {
    throw Error({.who = object.who("model"), .expected = "one model to ask", .got = "an endpoint beside it"});
  }
  object.refuse_unread_keys();
}

std::vector<KindWeight> read_kinds(const JsonObject& object) {
  std::vector<KindWeight> kinds;
  const nlohmann::json* value = object.find("kinds");
  if (value == nullptr || value->is_null()) return kinds;
  if (value->is_array()) {
    for (const std::string& name : object.required<std::vector<std::string>>("kinds")) kinds.push_back({.kind = name});
    return kinds;
  }
  const JsonObject weights = object.object("kinds");
  for (const auto& item : value->items()) {
    kinds.push_back({.kind = item.key(), .weight = weights.required<double>(item.key())});
  }
  return kinds;
}

/// What the parts need of one another.
void check_parts(const Recipe& recipe) {
  const auto refuse = [&](std::string key, std::string expected, std::string got) {
    throw Error({.who = cat(recipe.path, ": key '", key, "'"), .expected = std::move(expected), .got = std::move(got)});
  };
  if (recipe.captions_from != CaptionsFrom::kWorld) {
    const std::string got = cat("captions from ", name_in(kCaptionNames, recipe.captions_from));
    if (recipe.text_from == TextFrom::kGrammar) {
      refuse("text.from", "endpoint, for the grammar writes about scenes of the world alone", got);
    }
    if (recipe.pictures_from == PicturesFrom::kRenderer) {
      refuse("pictures.from", "endpoint or captions, for the renderer draws scenes of the world alone", got);
    }
  }
  if (recipe.pictures_from == PicturesFrom::kCaptions && recipe.captions_from != CaptionsFrom::kPictures) {
    refuse("pictures.from", "renderer or endpoint, for these captions bring no pictures",
           cat("captions from ", name_in(kCaptionNames, recipe.captions_from)));
  }
  if (recipe.text_from == TextFrom::kGrammar && recipe.pictures_from == PicturesFrom::kEndpoint) {
    refuse("pictures.from", "renderer, for what the grammar says of a scene holds for its drawing alone", "endpoint");
  }
}

template <class Section>
void read_section(const JsonObject& object, const char* key, Section& section) {
  const auto found = object.optional_object(key);
  if (found) section = read_fields<Section>(*found);
}

void check_numbers(const Recipe& recipe) {
  const auto require = [&](std::string_view key, bool fits, std::string expected, std::string got) {
    if (fits) return;
    throw Error({.who = cat(recipe.path, ": key '", key, "'"), .expected = std::move(expected), .got = std::move(got)});
  };
  const SpendingLimits& limits = recipe.limits;
  require("limits.max_cost", limits.max_cost.value_or(0) >= 0, "0 or more, or null", cat(limits.max_cost.value_or(0)));
  require("limits.max_tokens", limits.max_tokens.value_or(0) >= 0, "0 or more, or null",
          cat(limits.max_tokens.value_or(0)));
  for (const auto& [key, workers] :
       {std::pair{"workers.expand", recipe.workers.expand}, std::pair{"workers.draw", recipe.workers.draw},
        std::pair{"workers.ask", recipe.workers.ask}}) {
    require(key, workers >= 0 && workers <= 1024, "an integer from 0 to 1024", cat(workers));
  }
}

/// Takes out of an endpoint's keys how it is called: a run goes on at another address, slower, or with more patience.
void leave_model(nlohmann::ordered_json& endpoint) {
  if (!endpoint.is_object()) return;
  for (const char* key : {"base_url", "key_variable", "timeout", "max_attempts", "max_failures_in_a_row", "max_reasks",
                          "requests_per_minute", "concurrency", "price_per_million_input_tokens",
                          "price_per_million_output_tokens", "price_per_picture"}) {
    endpoint.erase(key);
  }
}

nlohmann::ordered_json endpoint_json(const std::optional<EndpointOptions>& endpoint) {
  return endpoint ? write_fields(*endpoint) : nlohmann::ordered_json(nullptr);
}

/// What the items depend on.
nlohmann::ordered_json identity_json(const Recipe& recipe) {
  nlohmann::ordered_json json = recipe_to_json(recipe);
  for (const char* key : {"items", "seed", "kind_files", "export", "limits", "workers"}) json.erase(key);
  for (const char* section : {"text", "pictures", "agreement"}) leave_model(json[section]["endpoint"]);
  auto texts = nlohmann::ordered_json::array();
  for (const std::string& path : recipe.kind_files) texts.push_back(read_text_file(path, kMaxKindFileBytes));
  json["kind_texts"] = texts;
  return json;
}

/// The names of what one of two objects has and the other has not, or otherwise.
std::vector<std::string> differing_names(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b) {
  std::vector<std::string> names;
  for (const auto& [name, value] : a.items()) {
    if (!b.contains(name) || b[name] != value) names.push_back(name);
  }
  for (const auto& [name, value] : b.items()) {
    if (!a.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace

Recipe read_recipe(const std::string& path) {
  const nlohmann::json file = read_yaml_file(path);
  const JsonObject object(file, path);
  Recipe recipe{.path = path};
  if (object.find("items") != nullptr) recipe.items = object.required_in_range("items", 1, int64_t{1} << 40);
  if (object.find("seed") != nullptr) recipe.seed = object.required_in_range("seed", 0, int64_t{1} << 53);
  if (object.find("kinds_per_picture") != nullptr) {
    recipe.kinds_per_picture = object.required_in_range("kinds_per_picture", 1, 12);
  }
  recipe.kinds = read_kinds(object);
  const auto kind_files = object.optional<std::vector<std::string>>("kind_files");
  if (kind_files) {
    for (const std::string& file_path : *kind_files) recipe.kind_files.push_back(beside(path, file_path));
  }
  if (const auto section = object.optional_object("captions")) read_captions(*section, recipe);
  if (const auto section = object.optional_object("text")) read_text(*section, recipe);
  if (const auto section = object.optional_object("pictures")) read_pictures(*section, recipe);
  if (const auto section = object.optional_object("agreement")) read_agreement(*section, recipe);
  read_section(object, "world", recipe.world);
  read_section(object, "objects", recipe.objects);
  read_section(object, "render", recipe.render);
  if (const nlohmann::json* filters = object.find("filters"); filters != nullptr && !filters->is_null()) {
    recipe.filters = read_filter_options(*filters, path, "filters");
    for (std::string& folder : recipe.filters.leakage.benchmarks) folder = beside(path, folder);
    std::string& words = recipe.filters.unsafe_words.list;
    if (!words.empty()) words = beside(path, words);
  }
  read_section(object, "export", recipe.export_options);
  require_valid(recipe.export_options, cat(path, ": key 'export'"));
  check_render_options(recipe.render, cat(path, ": key 'render'"));
  read_section(object, "limits", recipe.limits);
  read_section(object, "workers", recipe.workers);
  object.refuse_unread_keys();
  check_numbers(recipe);
  check_parts(recipe);
  return recipe;
}

nlohmann::ordered_json recipe_to_json(const Recipe& recipe) {
  auto json = nlohmann::ordered_json::object();
  json["items"] = recipe.items;
  json["seed"] = recipe.seed;
  auto kinds = nlohmann::ordered_json::object();
  for (const KindWeight& each : recipe.kinds) kinds[each.kind] = each.weight;
  json["kinds"] = kinds;
  json["kind_files"] = names_of(recipe.kind_files);
  json["kinds_per_picture"] = recipe.kinds_per_picture;
  json["captions"] = {{"from", name_in(kCaptionNames, recipe.captions_from)}, {"path", name_of(recipe.captions_path)}};
  json["text"] = {{"from", name_in(kTextNames, recipe.text_from)},
                  {"endpoint", endpoint_json(recipe.text_endpoint)},
                  {"send_picture", recipe.send_picture}};
  json["pictures"] = {{"from", name_in(kPictureNames, recipe.pictures_from)},
                      {"endpoint", endpoint_json(recipe.picture_endpoint)},
                      {"image", write_fields(recipe.image)}};
  json["agreement"] = {{"endpoint", endpoint_json(recipe.agreement_endpoint)},
                       {"model", name_of(recipe.agreement_model)}};
  json["world"] = write_fields(recipe.world);
  json["objects"] = write_fields(recipe.objects);
  json["render"] = write_fields(recipe.render);
  json["filters"] = filter_options_to_json(recipe.filters);
  json["filters"]["unsafe_words"]["list"] = name_of(recipe.filters.unsafe_words.list);
  json["filters"]["leakage"]["benchmarks"] = names_of(recipe.filters.leakage.benchmarks);
  json["export"] = write_fields(recipe.export_options);
  json["limits"] = write_fields(recipe.limits);
  json["workers"] = write_fields(recipe.workers);
  return json;
}

std::string recipe_digest(const Recipe& recipe) {
  const std::string text = identity_json(recipe).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return to_hex64(XXH3_64bits(text.data(), text.size()));
}

std::vector<std::string> differing_keys(const Recipe& a, const Recipe& b) {
  const nlohmann::ordered_json json_a = identity_json(a);
  const nlohmann::ordered_json json_b = identity_json(b);
  std::vector<std::string> keys;
  for (const std::string& name : differing_names(json_a, json_b)) {
    const auto inner =
        json_a[name].is_object() ? differing_names(json_a[name], json_b[name]) : std::vector<std::string>();
    for (const std::string& each : inner) keys.push_back(cat(name, ".", each));
    if (inner.empty()) keys.push_back(name == "kind_texts" ? "kind_files" : name);
  }
  return keys;
}

KindRegistry recipe_kinds(const Recipe& recipe) {
  KindRegistry kinds = KindRegistry::built_in();
  for (const std::string& path : recipe.kind_files) kinds.add_file(path);
  return kinds;
}

std::string describe_recipe() {
  return cat(
      "items               conversations to keep, over all shards (an integer; default 1000)\n"
      "seed                of all random choices (an integer; default 0)\n"
      "kinds               names, or a map from names to how often each is taken; left out: all\n"
      "kind_files          files that add a kind or replace one (paths from the recipe's folder)\n"
      "kinds_per_picture   conversations about one picture (1 to 12; default 1)\n"
      "captions.from       world (default), file, pictures; the latter two with captions.path\n"
      "text.from           grammar (default), endpoint with text.endpoint; text.send_picture shows it the picture\n"
      "pictures.from       renderer (default), endpoint with pictures.endpoint, captions: pictures that are there\n"
      "agreement.endpoint  a model that says how well a picture shows what it should\n"
      "agreement.model     the same, by a checkpoint in this folder\n"
      "\nendpoint, of text, pictures and agreement:\n",
      describe_fields<EndpointOptions>(), "\npictures.image:\n", describe_fields<ImageOptions>(), "\nworld:\n",
      describe_fields<WorldOptions>(), "\nobjects:\n", describe_fields<CatalogueOptions>(), "\nrender:\n",
      describe_fields<RenderOptions>(), "\nexport:\n", describe_fields<ExportOptions>(), "\nlimits:\n",
      describe_fields<SpendingLimits>(), "\nworkers:\n", describe_fields<Workers>(),
      "\nfilters, each with enabled: true or false:\n", describe_filters());
}

}  // namespace fusion
