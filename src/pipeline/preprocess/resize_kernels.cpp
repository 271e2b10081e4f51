#include "pipeline/preprocess/resize_kernels.h"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fusion {

namespace {

constexpr int32_t kHalf = 1 << (kWeightBits - 1);
constexpr int kLowBits = 11;
/// 16-bit numbers in a register of AVX2.
constexpr int64_t kLanes = 16;

uint8_t to_pixel(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

int16_t low_part(int32_t weight) {
  constexpr int32_t kBias = 1 << (kLowBits - 1);
  return static_cast<int16_t>(((weight + kBias) & ((1 << kLowBits) - 1)) - kBias);
}

int16_t high_part(int32_t weight) {
  return static_cast<int16_t>((weight - low_part(weight)) >> kLowBits);
}

/// Channels as the registers hold them: three become four, the last one empty.
int64_t padded(int channels) {
  return channels == 3 ? 4 : channels;
}

/// Input pixels that one register of weights covers.
int64_t pixels_per_step(int channels) {
  return kLanes / padded(channels);
}

/// The input pixel, within a step, that 16-bit lane `lane` weighs.
int64_t pixel_of_lane(int64_t lane, int channels) {
  return lane / 2 / padded(channels) * 2 + lane % 2;
}

/// Its channel. Lanes 2i and 2i + 1 hold the same channel of two neighbours, for the multiply-and-add to join.
int64_t channel_of_lane(int64_t lane, int channels) {
  return lane / 2 % padded(channels);
}

void across_plain(const FilterBank& bank, int channels, const uint8_t* in, uint8_t* out) {
  for (size_t i = 0; i < bank.spans.size(); ++i) {
    const int32_t* weights = bank.weights.data() + static_cast<int64_t>(i) * bank.max_count;
    const uint8_t* first = in + bank.spans[i].first * channels;
    for (int c = 0; c < channels; ++c) {
      int32_t sum = kHalf;
      for (int64_t t = 0; t < bank.spans[i].count; ++t) sum += first[t * channels + c] * weights[t];
      *out++ = to_pixel(sum);
    }
  }
}

/// Bytes [from, to) of one output row.
void down_plain(const FilterBank& bank, const uint8_t* in, int64_t bytes, int64_t out_row, int64_t from, int64_t to,
                uint8_t* out) {
  const int32_t* weights = bank.weights.data() + out_row * bank.max_count;
  const uint8_t* first = in + bank.spans[out_row].first * bytes;
  for (int64_t x = from; x < to; ++x) {
    int32_t sum = kHalf;
    for (int64_t t = 0; t < bank.spans[out_row].count; ++t) sum += first[t * bytes + x] * weights[t];
    out[x] = to_pixel(sum);
  }
}

#if defined(__x86_64__)

#define FUSION_AVX2 __attribute__((target("avx2")))

/// Where each lane's byte lies among the 16 loaded ones, for the byte shuffle; 0x80 gives zero.
std::array<uint8_t, 2 * kLanes> shuffle_of(int channels) {
  std::array<uint8_t, 2 * kLanes> shuffle;
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    const int64_t channel = channel_of_lane(lane, channels);
    const int64_t byte = pixel_of_lane(lane, channels) * channels + channel;
    shuffle[2 * lane] = channel < channels ? static_cast<uint8_t>(byte) : 0x80;
    shuffle[2 * lane + 1] = 0x80;
  }
  return shuffle;
}

FUSION_AVX2 inline __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

/// sum + the products of neighbouring 16-bit lanes, added in pairs.
FUSION_AVX2 inline __m256i add_products(__m256i sum, __m256i pixels, __m256i weights) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pixels, weights));
}

FUSION_AVX2 inline __m256i join(__m256i high, __m256i low) {
  return _mm256_add_epi32(_mm256_slli_epi32(high, kLowBits), low);
}

template <int kChannels>
FUSION_AVX2 void across_avx2(const FilterBank& bank, const int16_t* high, const int16_t* low, int64_t steps,
                             const uint8_t* in, uint8_t* out) {
  const auto shuffle_bytes = shuffle_of(kChannels);
  const __m256i shuffle = load(shuffle_bytes.data());
  const int64_t per_step = pixels_per_step(kChannels);
  for (const FilterSpan& span : bank.spans) {
    __m256i high_sum = _mm256_setzero_si256();
    __m256i low_sum = _mm256_setzero_si256();
    const uint8_t* from = in + span.first * kChannels;
    const int64_t used = (span.count + per_step - 1) / per_step;
    for (int64_t step = 0; step < used; ++step, from += per_step * kChannels) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
      const __m256i pixels = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), shuffle);
      high_sum = add_products(high_sum, pixels, load(high + step * kLanes));
      low_sum = add_products(low_sum, pixels, load(low + step * kLanes));
    }
    high += steps * kLanes;
    low += steps * kLanes;

    const __m256i sums = join(high_sum, low_sum);
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    if constexpr (kChannels <= 2) sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    if constexpr (kChannels == 1) sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
    sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(kHalf)), kWeightBits);
    sum = _mm_packs_epi32(sum, sum);
    const int word = _mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
    std::memcpy(out, &word, kChannels);
    out += kChannels;
  }
}

/// Sums of 32 neighbouring bytes of a row, in four registers, in the order that interleaving two rows gives them.
struct RowSums {
  __m256i parts[4];
};

FUSION_AVX2 inline void add_rows(RowSums& high, RowSums& low, const uint8_t* row, const uint8_t* next,
                                 int32_t high_pair, int32_t low_pair) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i high_weights = _mm256_set1_epi32(high_pair);
  const __m256i low_weights = _mm256_set1_epi32(low_pair);
  const __m256i left = _mm256_unpacklo_epi8(load(row), load(next));
  const __m256i right = _mm256_unpackhi_epi8(load(row), load(next));
  const __m256i pixels[4] = {_mm256_unpacklo_epi8(left, zero), _mm256_unpackhi_epi8(left, zero),
                             _mm256_unpacklo_epi8(right, zero), _mm256_unpackhi_epi8(right, zero)};
  for (int part = 0; part < 4; ++part) {
    high.parts[part] = add_products(high.parts[part], pixels[part], high_weights);
    low.parts[part] = add_products(low.parts[part], pixels[part], low_weights);
  }
}

/// 32 bytes of one output row.
FUSION_AVX2 void down_block_avx2(const FilterSpan& span, const int32_t* high, const int32_t* low, const uint8_t* in,
                                 int64_t bytes, uint8_t* out) {
  const __m256i zero = _mm256_setzero_si256();
  RowSums high_sums{{zero, zero, zero, zero}};
  RowSums low_sums = high_sums;
  const uint8_t* row = in + span.first * bytes;
  int64_t t = 0;
  for (; t + 1 < span.count; t += 2, row += 2 * bytes) {
    add_rows(high_sums, low_sums, row, row + bytes, high[t / 2], low[t / 2]);
  }
  // The last of an odd number: its partner has weight zero, so any readable row does.
  if (t < span.count) add_rows(high_sums, low_sums, row, row, high[t / 2], low[t / 2]);
  const __m256i half = _mm256_set1_epi32(kHalf);
  __m256i pixels[4];
  for (int part = 0; part < 4; ++part) {
    const __m256i sum = _mm256_add_epi32(join(high_sums.parts[part], low_sums.parts[part]), half);
    pixels[part] = _mm256_srai_epi32(sum, kWeightBits);
  }
  const __m256i packed =
      _mm256_packus_epi16(_mm256_packs_epi32(pixels[0], pixels[1]), _mm256_packs_epi32(pixels[2], pixels[3]));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), packed);
}

#undef FUSION_AVX2

#endif

}  // namespace

Kernel best_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return Kernel::kAvx2;
#endif
  return Kernel::kPlain;
}

AcrossFilter::AcrossFilter(const FilterBank& bank, int channels, Kernel kernel)
    : bank_(bank), channels_(channels), kernel_(kernel) {
  if (kernel == Kernel::kPlain) return;
  const int64_t per_step = pixels_per_step(channels);
  steps_ = (bank.max_count + per_step - 1) / per_step;
  const auto outputs = static_cast<int64_t>(bank.spans.size());
  high_.resize(outputs * steps_ * kLanes);
  low_.resize(high_.size());
  for (int64_t i = 0; i < outputs; ++i) {
    for (int64_t at = 0; at < steps_ * kLanes; ++at) {
      const int64_t t = at / kLanes * per_step + pixel_of_lane(at % kLanes, channels);
      if (t >= bank.spans[i].count) continue;
      const int32_t weight = bank.weights[i * bank.max_count + t];
      high_[i * steps_ * kLanes + at] = high_part(weight);
      low_[i * steps_ * kLanes + at] = low_part(weight);
    }
  }
}

void AcrossFilter::operator()(const uint8_t* in, uint8_t* out) const {
#if defined(__x86_64__)
  if (kernel_ == Kernel::kAvx2) {
    constexpr std::array kLoops{across_avx2<1>, across_avx2<2>, across_avx2<3>, across_avx2<4>};
    return kLoops[channels_ - 1](bank_, high_.data(), low_.data(), steps_, in, out);
  }
#endif
  across_plain(bank_, channels_, in, out);
}

DownFilter::DownFilter(const FilterBank& bank, Kernel kernel) : bank_(bank), kernel_(kernel) {
  if (kernel == Kernel::kPlain) return;
  pairs_ = (bank.max_count + 1) / 2;
  const auto outputs = static_cast<int64_t>(bank.spans.size());
  high_.resize(outputs * pairs_);
  low_.resize(high_.size());
  const auto both = [](int16_t first, int16_t second) {
    return static_cast<int32_t>(static_cast<uint32_t>(static_cast<uint16_t>(second)) << 16 |
                                static_cast<uint16_t>(first));
  };
  for (int64_t i = 0; i < outputs; ++i) {
    const int32_t* weights = bank.weights.data() + i * bank.max_count;
    for (int64_t t = 0; t < bank.spans[i].count; t += 2) {
      const int32_t second = t + 1 < bank.spans[i].count ? weights[t + 1] : 0;
      high_[i * pairs_ + t / 2] = both(high_part(weights[t]), high_part(second));
      low_[i * pairs_ + t / 2] = both(low_part(weights[t]), low_part(second));
    }
  }
}

void DownFilter::operator()(const uint8_t* in, int64_t bytes, int64_t out_row, uint8_t* out) const {
  int64_t done = 0;
#if defined(__x86_64__)
  if (kernel_ == Kernel::kAvx2) {
    constexpr int64_t kBlock = 32;
    const int32_t* high = high_.data() + out_row * pairs_;
    const int32_t* low = low_.data() + out_row * pairs_;
    for (; done + kBlock <= bytes; done += kBlock) {
      down_block_avx2(bank_.spans[out_row], high, low, in + done, bytes, out + done);
    }
  }
#endif
  down_plain(bank_, in, bytes, out_row, done, bytes, out);
}

}  // namespace fusion
