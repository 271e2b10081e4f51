#include <torch/types.h>
#include <zlib.h>

#include <filesystem>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/resize.h"
#include "pipeline/preprocess/tiles.h"
#include "workflows/parity/preprocess_cases.h"

namespace fusion {

namespace {

Picture picture_of(const torch::Tensor& pixels, const std::string& who) {
  const int64_t channels = pixels.dim() == 3 ? pixels.size(2) : 1;
  if (pixels.dim() < 2 || (channels != 1 && channels != 3 && channels != 4)) {
    throw Error({.who = who, .expected = "uint8 (height, width[, 3 or 4])", .got = join(pixels.sizes(), "x")});
  }
  const auto mode = channels == 1 ? PixelMode::kGrey : channels == 3 ? PixelMode::kRgb : PixelMode::kRgba;
  Picture picture = Picture::blank(pixels.size(1), pixels.size(0), mode);
  const auto flat = pixels.contiguous();
  std::copy_n(flat.const_data_ptr<uint8_t>(), flat.numel(), picture.pixels.data());
  return picture;
}

class PictureCases {
 public:
  PictureCases(const std::string& folder, Trace& stages)
      : folder_(folder), stages_(stages), golden_(read_tensors(folder + "/preproc.safetensors")) {}

  std::vector<StageCheck> run() {
    const std::string path = (std::filesystem::path(folder_) / "preproc.json").string();
    const nlohmann::json json = read_json_file(path);
    const JsonObject meta(json, path);
    rows_ = meta.required<std::vector<int64_t>>("rows");
    const JsonObject images = meta.object("images");
    for (const std::string& name : images.unread_keys()) {
      const JsonObject image = images.object(name);
      for (const char* variant : {"rgb_first", "raw_mode"}) {
        if (const auto sums = image.optional_object(variant)) check_tiles(name, variant, *sums);
      }
    }
    const JsonObject sizes = meta.object("resize");
    for (const std::string& name : sizes.unread_keys()) check_resize(name, sizes.object(name));
    return std::move(checks_);
  }

 private:
  const torch::Tensor& golden(const std::string& name) const {
    return tensor_in(golden_, name, folder_ + "/preproc.safetensors");
  }

  void check_equal(const std::string& name, const torch::Tensor& got) {
    stages_[name] = got;
    checks_.push_back(equal_tensor(name, got, golden(name)));
  }

  void check_number(const std::string& name, int64_t got, int64_t expected) {
    checks_.push_back({.name = name, .shape = "1", .error = got == expected ? 0.0 : 1.0, .holds = got == expected});
  }

  void check_tiles(const std::string& name, const std::string& variant, const JsonObject& sums) {
    const std::string stage = name + "." + variant + ".";
    const int64_t side = golden(stage + "rows").size(3);
    const TileOptions options{.tile_size = side,
                              .mean = {0.5F, 0.5F, 0.5F},
                              .std = {0.5F, 0.5F, 0.5F},
                              .convert_rgb_first = variant == "rgb_first"};
    TileSet tiles = make_tiles(picture_of(golden(name + ".input"), name), options);
    auto values = normalise(tiles, options);
    const std::vector<int64_t> shape{kTileCount, kTileChannels, side, side};
    const auto pixels = torch::from_blob(tiles.pixels.data(), shape, torch::kUInt8).clone();

    check_equal(stage + "rows", pixels.index_select(2, torch::tensor(rows_, torch::kInt64)));
    if (golden_.contains(stage + "full")) check_equal(stage + "full", pixels);
    if (golden_.contains(stage + "row0_f32")) {
      check_equal(stage + "row0_f32", torch::from_blob(values.data(), shape).select(2, 0).clone());
    }
    const uLong crc = crc32(0, tiles.pixels.data(), static_cast<uInt>(tiles.pixels.size()));
    check_number(stage + "crc32", static_cast<int64_t>(crc), sums.required<int64_t>("crc32"));
    check_number(stage + "sum", pixels.sum().item<int64_t>(), sums.required<int64_t>("sum"));
  }

  void check_resize(const std::string& name, const JsonObject& size) {
    const std::string input = name.substr(0, name.rfind('.')) + ".input";
    const Picture source = picture_of(golden(input), input);
    Picture resized = resize_bicubic(source, size.required_in_range("width", 1, 1 << 14),
                                     size.required_in_range("height", 1, 1 << 14));
    check_equal(name, torch::from_blob(resized.pixels.data(), golden(name).sizes(), torch::kUInt8).clone());
  }

  std::string folder_;
  Trace& stages_;
  Trace golden_;
  std::vector<int64_t> rows_;
  std::vector<StageCheck> checks_;
};

}  // namespace

std::vector<StageCheck> check_pictures(const std::string& folder, Trace& stages) {
  return PictureCases(folder, stages).run();
}

}  // namespace fusion
