#pragma once
// What a synthesis run makes, and how: a YAML file.
//
//     items: 10000                       # conversations to keep
//     kinds: {Color: 1, Count: 2}        # how often each is taken; a list for all alike; left out: all
//     kinds_per_picture: 2
//     captions: {from: world}            # or file, pictures: {from: file, path: captions.txt}
//     text: {from: grammar}              # or {from: endpoint, endpoint: {base_url: ..., model: ...}}
//     pictures: {from: renderer}         # or {from: endpoint, endpoint: {...}, image: {width: 1024, height: 1024}},
//                                        # {from: captions}: those that are there
//     world: {max_count: 8}              # of the embedded world, as are objects and render
//     objects: {objects: [shapes, drawings, clipart, emoji]}
//     render: {width: 384, height: 384}
//     agreement: {model: models/nano}    # or {endpoint: {...}}: a model that looks whether the picture shows what it
//                                        # should
//     filters: {blank_picture: {min_contrast: 6}}
//     export: {validation: 0.02, test: 0.02}
//     limits: {max_cost: 50, currency: USD}
//     workers: {expand: 16, draw: 2, ask: 16}

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "foundation/config/fields.h"
#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/endpoints/endpoint_options.h"
#include "workflows/synthesis/endpoints/image_endpoint.h"
#include "workflows/synthesis/export/export_options.h"
#include "workflows/synthesis/filters/filter_options.h"
#include "workflows/synthesis/kinds/kind_registry.h"
#include "workflows/synthesis/kinds/pick_kinds.h"
#include "workflows/synthesis/render/renderer.h"
#include "workflows/synthesis/world/world.h"

namespace fusion {

enum class CaptionsFrom { kWorld, kFile, kPictures };
enum class TextFrom { kGrammar, kEndpoint };
enum class PicturesFrom { kRenderer, kEndpoint, kCaptions };

/// Where a run stops before it is done.
struct SpendingLimits {
  std::optional<double> max_cost;
  std::optional<int64_t> max_tokens;
  std::string currency;

  static constexpr auto fields() {
    return std::tuple(defaulted("max_cost", &SpendingLimits::max_cost, "in the currency of the prices; null: no limit"),
                      defaulted("max_tokens", &SpendingLimits::max_tokens, "sent and received; null: no limit"),
                      defaulted("currency", &SpendingLimits::currency, "what prices are in, for reports: USD"));
  }
};

/// How many items a stage works on at a time; 0: as many as cores, or as the endpoint may be called at a time.
struct Workers {
  int64_t expand = 0;
  int64_t draw = 0;
  int64_t ask = 0;

  static constexpr auto fields() {
    return std::tuple(defaulted("expand", &Workers::expand, "items whose captions are expanded at a time; 0: as fits"),
                      defaulted("draw", &Workers::draw, "pictures at a time; 0: as fits"),
                      defaulted("ask", &Workers::ask, "items that are asked about at a time; 0: as fits"));
  }
};

struct Recipe {
  std::string path = {};  ///< of the file
  int64_t items = 1000;
  int64_t seed = 0;
  std::vector<KindWeight> kinds = {};        ///< empty: all, equally
  std::vector<std::string> kind_files = {};  ///< paths that can be opened
  int64_t kinds_per_picture = 1;
  CaptionsFrom captions_from = CaptionsFrom::kWorld;
  std::string captions_path = {};  ///< of kFile and kPictures
  TextFrom text_from = TextFrom::kGrammar;
  std::optional<EndpointOptions> text_endpoint = {};
  bool send_picture = false;  ///< whether the text endpoint is shown the picture it asks about
  PicturesFrom pictures_from = PicturesFrom::kRenderer;
  std::optional<EndpointOptions> picture_endpoint = {};
  ImageOptions image = {};  ///< what the picture endpoint is asked for
  std::optional<EndpointOptions> agreement_endpoint = {};
  std::string agreement_model = {};  ///< a checkpoint's folder; "" where none is asked
  WorldOptions world = {};
  CatalogueOptions objects = {};
  RenderOptions render = {};
  FilterOptions filters = {};
  ExportOptions export_options = {};
  SpendingLimits limits = {};
  Workers workers = {};
};

/// Throws Error with the file and the key on an unknown or missing key, another type, a value out of range, and parts
/// that do not fit together: the grammar and the renderer take only captions of the world, for they write and draw what
/// is known of its scenes. Opens no file but the recipe.
Recipe read_recipe(const std::string& path);

/// All of it that the items depend on, defaults included, with the texts of the kind files: two recipes with an equal
/// digest make the same items from the same seed, as long as the captions and pictures that they name are the same, and
/// an endpoint's model is. How that one is called is left out.
std::string recipe_digest(const Recipe& recipe);

/// The keys in which that differs, "items" of no section and "world.charts" of one; none for an equal digest.
std::vector<std::string> differing_keys(const Recipe& a, const Recipe& b);

/// The recipe in full, defaults included: for data cards, and for whoever wants to see what holds.
nlohmann::ordered_json recipe_to_json(const Recipe& recipe);

/// The built-in kinds and those of the recipe's files.
KindRegistry recipe_kinds(const Recipe& recipe);

/// Help text: every key with its meaning and default.
std::string describe_recipe();

}  // namespace fusion
