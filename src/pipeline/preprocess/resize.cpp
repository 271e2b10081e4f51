#include "pipeline/preprocess/resize.h"

#include <algorithm>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/alpha.h"
#include "pipeline/preprocess/resize_filter.h"
#include "pipeline/preprocess/resize_grey16.h"
#include "pipeline/preprocess/resize_kernels.h"

namespace fusion {

namespace {

constexpr int64_t kMaxSide = 65536;
/// Products of a weight and a byte that are worth a thread of their own: below, starting it costs more than it saves.
constexpr int64_t kWorkPerThread = 8'000'000;

int worth_threads(int wanted, int64_t work) {
  if (wanted <= 0) wanted = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return static_cast<int>(std::clamp<int64_t>(work / kWorkPerThread, 1, wanted));
}

/// Calls run(begin, end) for bands that together are [0, rows), each on a thread of its own. `run` must not throw.
template <class Run>
void in_bands(int64_t rows, int threads, const Run& run) {
  std::vector<std::jthread> others;
  int64_t begin = 0;
  try {
    for (int left = threads; left > 1; --left) {
      const int64_t end = begin + (rows - begin) / left;
      others.emplace_back(run, begin, end);
      begin = end;
    }
  } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): no more threads, so the rest is done here.
  }
  run(begin, rows);
}

/// Multiplies colours by alpha, or divides them again. The last byte of a pixel is its alpha.
template <class Change>
void change_colours(Picture& picture, int threads, Change change) {
  const int64_t channels = bytes_per_pixel(picture.mode);
  in_bands(picture.height, threads, [&](int64_t begin, int64_t end) {
    uint8_t* pixel = picture.row(begin);
    for (const uint8_t* stop = pixel + (end - begin) * picture.row_bytes(); pixel < stop; pixel += channels) {
      const uint8_t alpha = pixel[channels - 1];
      for (int64_t c = 0; c + 1 < channels; ++c) pixel[c] = change(pixel[c], alpha);
    }
  });
}

uint8_t divide_alpha(uint8_t colour, uint8_t alpha) {
  if (alpha == 0 || alpha == 255) return colour;
  return static_cast<uint8_t>(std::min(255, 255 * colour / alpha));
}

Picture resize_across(const Picture& picture, int64_t width, int threads) {
  const FilterBank bank = bicubic_bank(picture.width, width);
  if (picture.mode == PixelMode::kGrey16) return resize_grey16(picture, bank, Direction::kAcross);
  const int64_t channels = bytes_per_pixel(picture.mode);
  const AcrossFilter filter(bank, static_cast<int>(channels), best_kernel());
  Picture out = Picture::blank(width, picture.height, picture.mode);
  // The filter reads a little beyond a row: rows at the end of the buffer are moved to where it may.
  const int64_t row_bytes = picture.row_bytes();
  const int64_t tail_rows = std::min(picture.height, (AcrossFilter::kReadAhead - 1) / row_bytes + 1);
  const int64_t tail_begin = picture.height - tail_rows;
  std::vector<uint8_t> tail(picture.row(tail_begin), picture.row(picture.height));
  tail.resize(tail.size() + AcrossFilter::kReadAhead);
  const int64_t work = out.height * out.row_bytes() * bank.max_count;
  in_bands(out.height, worth_threads(threads, work), [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) {
      filter(y < tail_begin ? picture.row(y) : tail.data() + (y - tail_begin) * row_bytes, out.row(y));
    }
  });
  return out;
}

Picture resize_down(const Picture& picture, int64_t height, int threads) {
  const FilterBank bank = bicubic_bank(picture.height, height);
  if (picture.mode == PixelMode::kGrey16) return resize_grey16(picture, bank, Direction::kDown);
  const DownFilter filter(bank, best_kernel());
  Picture out = Picture::blank(picture.width, height, picture.mode);
  const int64_t work = out.height * out.row_bytes() * bank.max_count;
  in_bands(out.height, worth_threads(threads, work), [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) filter(picture.pixels.data(), picture.row_bytes(), y, out.row(y));
  });
  return out;
}

bool down_first(const Picture& picture, int64_t width, int64_t height, PassOrder order) {
  if (order == PassOrder::kAcrossFirst) return false;
  const int64_t lost_height = picture.height - height;
  return lost_height > 0 && lost_height > 2 * (picture.width - width);
}

Picture resize_channels(const Picture& picture, int64_t width, int64_t height, const ResizeOptions& options) {
  if (picture.width == width) return resize_down(picture, height, options.threads);
  if (picture.height == height) return resize_across(picture, width, options.threads);
  if (down_first(picture, width, height, options.order)) {
    return resize_across(resize_down(picture, height, options.threads), width, options.threads);
  }
  return resize_down(resize_across(picture, width, options.threads), height, options.threads);
}

Picture resize_with_alpha(Picture picture, int64_t width, int64_t height, const ResizeOptions& options) {
  const auto threads_for = [&](const Picture& p) { return worth_threads(options.threads, p.height * p.row_bytes()); };
  change_colours(picture, threads_for(picture), scale_255);
  Picture out = resize_channels(picture, width, height, options);
  change_colours(out, threads_for(out), divide_alpha);
  return out;
}

/// The input pixel nearest to each output pixel, found by adding up steps as Pillow does.
std::vector<int64_t> nearest_pixels(int64_t from, int64_t to) {
  const double step = static_cast<double>(from) / static_cast<double>(to);
  std::vector<int64_t> pixels(to);
  double at = step * 0.5;
  for (int64_t& pixel : pixels) {
    pixel = std::min(static_cast<int64_t>(at), from - 1);
    at += step;
  }
  return pixels;
}

Picture resize_nearest(const Picture& picture, int64_t width, int64_t height) {
  Picture out = Picture::blank(width, height, picture.mode);
  out.palette = picture.palette;
  const auto columns = nearest_pixels(picture.width, width);
  const auto rows = nearest_pixels(picture.height, height);
  for (int64_t y = 0; y < height; ++y) {
    const uint8_t* in = picture.row(rows[y]);
    std::transform(columns.begin(), columns.end(), out.row(y), [in](int64_t x) { return in[x]; });
  }
  return out;
}

}  // namespace

Picture resize_bicubic(const Picture& picture, int64_t width, int64_t height, const ResizeOptions& options) {
  check_picture(picture);
  if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide) {
    throw Error({.who = "resize", .expected = cat("sides of 1 to ", kMaxSide), .got = cat(width, "x", height)});
  }
  if (picture.width == width && picture.height == height) return picture;
  switch (picture.mode) {
    case PixelMode::kBilevel:
    case PixelMode::kPalette:
      return resize_nearest(picture, width, height);
    case PixelMode::kGreyAlpha:
    case PixelMode::kRgba:
      return resize_with_alpha(picture, width, height, options);
    default:
      return resize_channels(picture, width, height, options);
  }
}

}  // namespace fusion
