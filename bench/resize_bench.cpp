// Pillow-exact bicubic resize of RGB photographs to the tile sizes of the model. resize_pillow.py times Pillow on the
// same sizes.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>

#include "pipeline/preprocess/resize.h"

namespace {

/// Range: width, height, wanted side, threads (0: one a core).
void bench_resize(benchmark::State& state) {
  fusion::Picture picture = fusion::Picture::blank(state.range(0), state.range(1), fusion::PixelMode::kRgb);
  std::mt19937 random(1);
  for (uint8_t& value : picture.pixels) value = static_cast<uint8_t>(random());
  const fusion::ResizeOptions options{.threads = static_cast<int>(state.range(3))};
  for (auto _ : state) {
    benchmark::DoNotOptimize(fusion::resize_bicubic(picture, state.range(2), state.range(2), options));
  }
}

void sizes(benchmark::internal::Benchmark* bench) {
  for (const int64_t threads : {1, 0}) {
    bench->Args({4032, 3024, 768, threads});
    bench->Args({1280, 960, 384, threads});
    bench->Args({640, 480, 768, threads});
  }
}

BENCHMARK(bench_resize)
    ->Apply(sizes)
    ->ArgNames({"width", "height", "side", "threads"})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
