#pragma once
// For tests only: what torch allocates on the CPU.

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace fusion {

/// While it lives, torch takes its memory here.
class CountedMemory final : public c10::Allocator {
 public:
  CountedMemory() : before_(c10::GetCPUAllocator()) { c10::SetCPUAllocator(this, kPriority); }
  ~CountedMemory() override { c10::SetCPUAllocator(before_, kPriority); }
  CountedMemory(const CountedMemory&) = delete;
  CountedMemory& operator=(const CountedMemory&) = delete;

  c10::DataPtr allocate(size_t size) override {
    void* const block = std::aligned_alloc(kAlignment, (size + kAlignment - 1) / kAlignment * kAlignment);
    now_ += ::malloc_usable_size(block);
    peak_ = std::max(peak_.load(), now_.load());
    return {block, block, &release, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, size_t size) const override { default_copy_data(to, from, size); }

  static size_t now() { return now_; }
  /// The most since reset_peak().
  static size_t peak() { return peak_; }
  static void reset_peak() { peak_ = now_.load(); }

 private:
  static constexpr uint8_t kPriority = 200;
  static constexpr size_t kAlignment = 64;

  static void release(void* block) {
    now_ -= ::malloc_usable_size(block);
    std::free(block);
  }

  // Tensors may outlive the object.
  static inline std::atomic<size_t> now_ = 0;
  static inline std::atomic<size_t> peak_ = 0;
  c10::Allocator* before_;
};

}  // namespace fusion
