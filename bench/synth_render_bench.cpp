// Pictures a second of the embedded world: scenes drawn and written as JPEG. The rate over all cores is
// items_per_second of the runs with several threads.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/render/encode.h"
#include "workflows/synthesis/render/renderer.h"
#include "workflows/synthesis/world/world.h"

namespace {

constexpr int64_t kScenes = 200;

struct Sample {
  std::shared_ptr<const fusion::Catalogue> catalogue = fusion::Catalogue::open();
  std::vector<fusion::Scene> scenes;

  Sample() {
    constexpr fusion::Focus kFocuses[] = {fusion::Focus::kColor, fusion::Focus::kCount, fusion::Focus::kSpatial,
                                          fusion::Focus::kScene, fusion::Focus::kText,  fusion::Focus::kAny};
    const fusion::World world({}, catalogue);
    for (int64_t i = 0; i < kScenes; ++i) {
      fusion::RandomSource random(1, static_cast<uint64_t>(i));
      scenes.push_back(world.scene(kFocuses[i % 6], random));
      scenes.back().look_seed = static_cast<uint64_t>(i);
    }
  }
};

const Sample& sample() {
  static const Sample scenes;
  return scenes;
}

const fusion::Renderer& renderer(int64_t side) {
  static const fusion::Renderer small(sample().catalogue, {.width = 384, .height = 384});
  static const fusion::Renderer large(sample().catalogue, {.width = 768, .height = 768});
  return side == 384 ? small : large;
}

/// Range: side of the picture.
void bench_picture(benchmark::State& state) {
  const fusion::Renderer& drawer = renderer(state.range(0));
  auto next = static_cast<size_t>(state.thread_index());
  for (auto _ : state) {
    const fusion::Scene& scene = sample().scenes[next++ % kScenes];
    benchmark::DoNotOptimize(fusion::encode_jpeg(drawer.render(scene), 90));
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(bench_picture)
    ->Arg(384)
    ->Arg(768)
    ->ArgName("side")
    ->Threads(1)
    ->Threads(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
