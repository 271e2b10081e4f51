#include "workflows/synthesis/run/run_roles.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/endpoints/caption_sources.h"
#include "workflows/synthesis/endpoints/endpoint_roles.h"
#include "workflows/synthesis/filters/make_judge.h"
#include "workflows/synthesis/filters/picture_facts.h"
#include "workflows/synthesis/grammar/grammar_writer.h"
#include "workflows/synthesis/grammar/world_captions.h"
#include "workflows/synthesis/render/painter.h"

namespace fusion {

namespace {

uint64_t seed_of(const Recipe& recipe) {
  return static_cast<uint64_t>(recipe.seed);
}

std::shared_ptr<Endpoint> open_endpoint(const EndpointOptions& options, const Recipe& recipe) {
  return std::make_shared<Endpoint>(options, EndpointTools{.seed = seed_of(recipe)});
}

/// The embedded world, made once for whoever asks it.
class WorldOfRun {
 public:
  explicit WorldOfRun(const Recipe& recipe) : recipe_(recipe) {}

  std::shared_ptr<const World> world() {
    if (!world_) world_ = std::make_shared<const World>(recipe_.world, catalogue());
    return world_;
  }
  std::shared_ptr<const Catalogue> catalogue() {
    if (!catalogue_) catalogue_ = Catalogue::open(recipe_.objects);
    return catalogue_;
  }
  std::shared_ptr<const Catalogue> opened() const { return catalogue_; }

 private:
  const Recipe& recipe_;
  std::shared_ptr<const Catalogue> catalogue_;
  std::shared_ptr<const World> world_;
};

std::unique_ptr<CaptionSource> make_captions(const Recipe& recipe, const std::shared_ptr<const KindRegistry>& kinds,
                                             WorldOfRun& world) {
  const SourceKinds source{.registry = kinds,
                           .weights = recipe.kinds,
                           .kinds_per_picture = recipe.kinds_per_picture,
                           .seed = seed_of(recipe)};
  switch (recipe.captions_from) {
    case CaptionsFrom::kFile:
      return std::make_unique<CaptionFile>(recipe.captions_path, source);
    case CaptionsFrom::kPictures:
      return std::make_unique<PictureFolder>(recipe.captions_path, source);
    case CaptionsFrom::kWorld:
      break;
  }
  return std::make_unique<WorldCaptions>(
      *kinds, world.world(),
      WorldCaptionsOptions{
          .seed = seed_of(recipe), .kinds = recipe.kinds, .kinds_per_picture = recipe.kinds_per_picture});
}

bool has_describer(const Recipe& recipe) {
  return recipe.text_endpoint && recipe.pictures_from == PicturesFrom::kRenderer;
}

std::unique_ptr<Writer> make_writer(const Recipe& recipe, const std::shared_ptr<const KindRegistry>& kinds,
                                    WorldOfRun& world) {
  if (recipe.text_endpoint) {
    return std::make_unique<EndpointWriter>(ChatEndpoint(open_endpoint(*recipe.text_endpoint, recipe)), kinds,
                                            seed_of(recipe), recipe.send_picture);
  }
  return std::make_unique<GrammarWriter>(*kinds, world.world(), seed_of(recipe));
}

std::unique_ptr<Painter> make_painter(const Recipe& recipe, WorldOfRun& world) {
  switch (recipe.pictures_from) {
    case PicturesFrom::kEndpoint:
      return std::make_unique<EndpointPainter>(
          ImageEndpoint(open_endpoint(*recipe.picture_endpoint, recipe), recipe.image));
    case PicturesFrom::kCaptions:
      return std::make_unique<SourcePainter>(recipe.captions_path);
    case PicturesFrom::kRenderer:
      break;
  }
  return std::make_unique<EmbeddedPainter>(std::make_shared<const Renderer>(world.catalogue(), recipe.render));
}

void inspect(Item& item, const EncodedPicture& picture) {
  const PictureFacts facts = inspect_picture(picture.bytes, cat("the picture of item ", item.id));
  item.width = facts.width;
  item.height = facts.height;
  item.picture_hash = facts.hash;
  item.picture_contrast = facts.contrast;
}

std::string provider_of(const std::optional<EndpointOptions>& endpoint, const char* embedded) {
  return endpoint ? cat(endpoint->model, " at ", endpoint->base_url) : embedded;
}

StageSettings settings(int64_t wanted, const std::optional<EndpointOptions>& endpoint, int64_t here,
                       const char* embedded) {
  const int64_t fitting = endpoint ? endpoint->concurrency : here;
  return {.workers = wanted > 0 ? wanted : fitting, .provider = provider_of(endpoint, embedded)};
}

}  // namespace

Roles RunRoles::roles() const {
  return {.captions = *captions,
          .expand = describer ? *describer : *writer,
          .draw = *painter,
          .ask = *writer,
          .judge = *judge,
          .agreement = agreement.get(),
          .inspect = inspect};
}

RunRoles make_roles(const Recipe& recipe, const OpenAgreementModel& open_model,
                    const LeakIndex::OnFile& on_benchmarks) {
  RunRoles roles;
  roles.kinds = std::make_shared<const KindRegistry>(recipe_kinds(recipe));
  WorldOfRun world(recipe);
  roles.captions = make_captions(recipe, roles.kinds, world);
  roles.writer = make_writer(recipe, roles.kinds, world);
  if (has_describer(recipe)) {
    roles.describer = std::make_unique<GrammarWriter>(*roles.kinds, world.world(), seed_of(recipe));
  }
  roles.painter = make_painter(recipe, world);
  if (recipe.agreement_endpoint) {
    roles.agreement =
        std::make_unique<EndpointAgreement>(ChatEndpoint(open_endpoint(*recipe.agreement_endpoint, recipe)));
  }
  if (!recipe.agreement_model.empty()) {
    if (!open_model) {
      throw Error({.who = recipe.agreement_model,
                   .expected = "a program that can load it",
                   .got = "one that was started without",
                   .hint = "hand make_roles a function that opens checkpoints"});
    }
    roles.agreement = open_model(recipe.agreement_model);
  }
  roles.benchmarks = LeakIndex::read(recipe.filters.leakage, on_benchmarks);
  roles.judge = make_judge(recipe.filters, *roles.kinds, roles.benchmarks);
  roles.catalogue = world.opened();
  return roles;
}

StageOptions stage_options(const Recipe& recipe, int64_t threads) {
  const int64_t cores = threads > 0 ? threads : std::max<int64_t>(1, std::thread::hardware_concurrency());
  const char* painter = recipe.pictures_from == PicturesFrom::kRenderer ? "renderer" : "pictures at hand";
  StageOptions options;
  options.limit = recipe.items;
  options.expand =
      settings(recipe.workers.expand, has_describer(recipe) ? std::nullopt : recipe.text_endpoint, 1, "grammar");
  options.draw = settings(recipe.workers.draw, recipe.picture_endpoint, cores, painter);
  options.ask = settings(recipe.workers.ask, recipe.text_endpoint, 1, "grammar");
  options.agreement_provider =
      provider_of(recipe.agreement_endpoint, recipe.agreement_model.empty() ? "none" : "checkpoint");
  options.max_cost = recipe.limits.max_cost;
  options.max_tokens = recipe.limits.max_tokens;
  return options;
}

}  // namespace fusion
