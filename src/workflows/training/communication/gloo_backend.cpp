#include "workflows/training/communication/backends.h"

#ifdef FUSION_GLOO
#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <cstdlib>
#include <string>

namespace fusion {

namespace {

/// The network device: the one that GLOO_SOCKET_IFNAME names, as in torch's Python; loopback where all processes are on
/// one machine anyway, since a container's host name may lead nowhere; else the one of the host's name.
std::shared_ptr<gloo::transport::Device> network_device(const std::string& master_address) {
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");  // NOLINT(concurrency-mt-unsafe): nothing sets variables
  if (interface != nullptr && *interface != '\0') return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
  if (master_address == "localhost" || master_address == "::1" || master_address.starts_with("127.")) {
    return c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1");
  }
  return c10d::ProcessGroupGloo::createDefaultDevice();
}

}  // namespace

c10::intrusive_ptr<c10d::Backend> gloo_backend(const c10::intrusive_ptr<c10d::Store>& store, const ProcessPlace& place,
                                               std::chrono::milliseconds timeout) {
  auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  options->devices.push_back(network_device(place.master_address));
  return c10::make_intrusive<c10d::ProcessGroupGloo>(store, static_cast<int>(place.rank),
                                                     static_cast<int>(place.world_size), std::move(options));
}

}  // namespace fusion

#else

namespace fusion {

c10::intrusive_ptr<c10d::Backend> gloo_backend(const c10::intrusive_ptr<c10d::Store>& /*store*/,
                                               const ProcessPlace& /*place*/, std::chrono::milliseconds /*timeout*/) {
  return nullptr;
}

}  // namespace fusion

#endif
