#pragma once
// Rasters that were drawn already.

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "workflows/synthesis/render/raster.h"

namespace fusion {

/// Keeps the last used ones, up to a number of bytes. Any number of threads may ask; what comes out is the same
/// whether it was kept or not.
class RasterCache {
 public:
  explicit RasterCache(size_t most_bytes) : most_bytes_(most_bytes) {}

  /// The look at the smallest of a few sizes that is no smaller than `side` pixels, or at the largest of them. Throws
  /// as rasterize() does.
  std::shared_ptr<const Raster> get(const Catalogue& catalogue, const Look& look, double side);

  size_t bytes() const;

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<const Raster> raster;
  };

  std::shared_ptr<const Raster> find(const std::string& key);
  void keep(Kept kept);

  const size_t most_bytes_;
  mutable std::mutex mutex_;
  std::list<Kept> kept_;  ///< the last used first
  std::unordered_map<std::string, std::list<Kept>::iterator> places_;
  size_t bytes_ = 0;
};

}  // namespace fusion
