#include "pipeline/preprocess/resize_grey16.h"

#include <algorithm>
#include <cmath>

namespace fusion {

namespace {

uint16_t to_sample(double sum) {
  const double rounded = std::trunc(sum >= 0.0 ? sum + 0.5 : sum - 0.5);
  return static_cast<uint16_t>(std::clamp(rounded, 0.0, 65535.0));
}

}  // namespace

Picture resize_grey16(const Picture& picture, const FilterBank& bank, Direction direction) {
  const bool across = direction == Direction::kAcross;
  const auto wanted = static_cast<int64_t>(bank.spans.size());
  Picture out = Picture::blank(across ? wanted : picture.width, across ? picture.height : wanted, PixelMode::kGrey16);
  const int64_t step = across ? 2 : picture.row_bytes();
  for (int64_t y = 0; y < out.height; ++y) {
    for (int64_t x = 0; x < out.width; ++x) {
      const int64_t i = across ? x : y;
      const double* weights = bank.exact.data() + i * bank.max_count;
      const int64_t first = bank.spans[i].first;
      const uint8_t* in = across ? picture.row(y) + 2 * first : picture.row(first) + 2 * x;
      double sum = 0.0;
      for (int64_t t = 0; t < bank.spans[i].count; ++t, in += step) sum += (in[0] | in[1] << 8) * weights[t];
      const uint16_t sample = to_sample(sum);
      out.row(y)[2 * x] = static_cast<uint8_t>(sample & 0xff);
      out.row(y)[2 * x + 1] = static_cast<uint8_t>(sample >> 8);
    }
  }
  return out;
}

}  // namespace fusion
