#pragma once
// What is looked at in a picture. An item whose picture nobody has looked at (a width of 0) passes.

#include <algorithm>
#include <tuple>

#include "foundation/config/fields.h"
#include "workflows/synthesis/filters/filter.h"
#include "workflows/synthesis/filters/similar_pictures.h"

namespace fusion {

struct PictureSizeOptions {
  bool enabled = true;
  int64_t min_width = 64;
  int64_t min_height = 64;
  double max_aspect = 4;

  static constexpr auto fields() {
    using Self = PictureSizeOptions;
    return std::tuple(defaulted("enabled", &Self::enabled, "whether it is asked"),
                      defaulted("min_width", &Self::min_width, "in pixels"),
                      defaulted("min_height", &Self::min_height, "in pixels"),
                      defaulted("max_aspect", &Self::max_aspect, "the longer side over the shorter one, at most"));
  }
  void check(std::string_view section) const {
    require_option<int64_t>(section, "min_width", min_width, 1, 1 << 20);
    require_option<int64_t>(section, "min_height", min_height, 1, 1 << 20);
    require_option(section, "max_aspect", max_aspect, 1.0, 1000.0);
  }
};

/// Pictures too small to see something in, and strips. Remembers nothing.
class PictureSize final : public PictureFilter {
 public:
  explicit PictureSize(const PictureSizeOptions& options) : options_(options) {}

  Verdict check(const Item& item) const override {
    if (item.width == 0) return std::nullopt;
    const auto longer = static_cast<double>(std::max(item.width, item.height));
    const auto shorter = static_cast<double>(std::min(item.width, item.height));
    if (item.width >= options_.min_width && item.height >= options_.min_height &&
        longer <= options_.max_aspect * shorter) {
      return std::nullopt;
    }
    return cat(item.width, " x ", item.height, " pixels");
  }

 private:
  PictureSizeOptions options_;
};

struct BlankPictureOptions {
  bool enabled = true;
  double min_contrast = 3;

  static constexpr auto fields() {
    using Self = BlankPictureOptions;
    return std::tuple(
        defaulted("enabled", &Self::enabled, "whether it is asked"),
        defaulted("min_contrast", &Self::min_contrast, "standard deviation of the luminance, 0 to 127.5, at least"));
  }
  void check(std::string_view section) const { require_option(section, "min_contrast", min_contrast, 0.0, 127.5); }
};

/// Pictures of one shade. The default lets a small thing on a plain ground stay. Remembers nothing.
class BlankPicture final : public PictureFilter {
 public:
  explicit BlankPicture(const BlankPictureOptions& options) : options_(options) {}

  Verdict check(const Item& item) const override {
    if (item.width == 0 || item.picture_contrast >= options_.min_contrast) return std::nullopt;
    // In tenths, as whole numbers: no locale has a say in them.
    const auto tenths = static_cast<int64_t>(item.picture_contrast * 10);
    return cat("the luminance's standard deviation is ", tenths / 10, ".", tenths % 10);
  }

 private:
  BlankPictureOptions options_;
};

struct DuplicatePictureOptions {
  bool enabled = true;
  int64_t distance = 0;

  static constexpr auto fields() {
    using Self = DuplicatePictureOptions;
    return std::tuple(defaulted("enabled", &Self::enabled, "whether it is asked"),
                      defaulted("distance", &Self::distance, "bits of the perceptual hash that may differ, 0 to 7"));
  }
  void check(std::string_view section) const {
    require_option<int64_t>(section, "distance", distance, 0, SimilarPictures::kMaxDistance);
  }
};

/// Pictures that look like one before. With the default the hashes are equal, for drawings of one world are alike: a
/// few of a million pairs differ in up to three bits. For a pool of photos 3 also finds what was resized or compressed
/// again. Several captions of one picture count as duplicates too. Memory: similar_pictures.h.
class DuplicatePicture final : public PictureFilter {
 public:
  explicit DuplicatePicture(const DuplicatePictureOptions& options) : options_(options) {}

  Verdict check(const Item& item) const override {
    if (item.width == 0 || !seen_.contains(item.picture_hash, static_cast<int>(options_.distance))) {
      return std::nullopt;
    }
    return cat("looks like a picture before");
  }
  void remember(const Item& item) override {
    if (item.width != 0) seen_.add(item.picture_hash);
  }

 private:
  DuplicatePictureOptions options_;
  SimilarPictures seen_;
};

struct AgreementOptions {
  bool enabled = true;
  double min = 0.5;

  static constexpr auto fields() {
    using Self = AgreementOptions;
    return std::tuple(defaulted("enabled", &Self::enabled, "whether it is asked"),
                      defaulted("min", &Self::min, "agreement of picture and description, 0 to 1, at least"));
  }
  void check(std::string_view section) const { require_option(section, "min", min, 0.0, 1.0); }
};

/// Pictures that do not show what their description says, where a model was asked. Remembers nothing.
class Agreement final : public PictureFilter {
 public:
  explicit Agreement(const AgreementOptions& options) : options_(options) {}

  Verdict check(const Item& item) const override {
    if (!item.agreement || *item.agreement >= options_.min) return std::nullopt;
    return cat("a model finds ", static_cast<int64_t>(*item.agreement * 100), " % of the description in it");
  }

 private:
  AgreementOptions options_;
};

}  // namespace fusion
