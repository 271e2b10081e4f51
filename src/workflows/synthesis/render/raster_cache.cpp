#include "workflows/synthesis/render/raster_cache.h"

#include <utility>

#include "foundation/core/text.h"

namespace fusion {

namespace {

/// Near enough to each other for the step down to a wanted size to be smooth.
constexpr int kSides[] = {32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024};

int side_for(double wanted) {
  for (const int side : kSides) {
    if (side >= wanted) return side;
  }
  return kSides[std::size(kSides) - 1];
}

}  // namespace

std::shared_ptr<const Raster> RasterCache::get(const Catalogue& catalogue, const Look& look, double side) {
  const int drawn_side = side_for(side);
  const std::string key = cat(look.id, "@", drawn_side);
  if (auto found = find(key)) return found;
  // Two threads may draw the same look at once: better than that one of them waits for the other's whole drawing.
  auto raster = std::make_shared<const Raster>(rasterize(catalogue, look, drawn_side));
  keep({key, raster});
  return raster;
}

size_t RasterCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::shared_ptr<const Raster> RasterCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(key);
  if (place == places_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, place->second);
  return place->second->raster;
}

void RasterCache::keep(Kept kept) {
  const std::lock_guard lock(mutex_);
  if (kept.raster->bytes() > most_bytes_ || places_.contains(kept.key)) return;
  bytes_ += kept.raster->bytes();
  kept_.push_front(std::move(kept));
  places_[kept_.front().key] = kept_.begin();
  while (bytes_ > most_bytes_) {
    bytes_ -= kept_.back().raster->bytes();
    places_.erase(kept_.back().key);
    kept_.pop_back();
  }
}

}  // namespace fusion
