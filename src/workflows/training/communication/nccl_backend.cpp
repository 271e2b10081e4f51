#include "workflows/training/communication/backends.h"

#ifdef FUSION_NCCL
#define USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace fusion {

#ifdef FUSION_NCCL

c10::intrusive_ptr<c10d::Backend> nccl_backend(const c10::intrusive_ptr<c10d::Store>& store, const ProcessPlace& place,
                                               std::chrono::milliseconds timeout) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, static_cast<int>(place.rank),
                                                     static_cast<int>(place.world_size), std::move(options));
}

#else

c10::intrusive_ptr<c10d::Backend> nccl_backend(const c10::intrusive_ptr<c10d::Store>& /*store*/,
                                               const ProcessPlace& /*place*/, std::chrono::milliseconds /*timeout*/) {
  return nullptr;
}

#endif

}  // namespace fusion
