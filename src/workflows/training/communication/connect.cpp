#include "workflows/training/communication/connect.h"

#include <c10/util/Exception.h>
#include <torch/types.h>
#include <torch/version.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/training/communication/backends.h"

namespace fusion {

namespace {

/// The first sentence of what torch says of a failure, without the place in its source and its call stack.
std::string reason_of(const std::exception& failure) {
  const auto* own = dynamic_cast<const c10::Error*>(&failure);
  std::string reason = own != nullptr ? own->what_without_backtrace() : failure.what();
  if (reason.starts_with("[/")) reason.erase(0, std::min(reason.size(), reason.find("] ")) + 2);
  return printable(reason.substr(0, reason.find(". ")), 200);
}

bool is_timeout(const std::string& reason) {
  return reason.find("imed out") != std::string::npos || reason.find("imeout") != std::string::npos;
}

/// Collectives of one of torch's backends.
class BackendCommunicator final : public Communicator {
 public:
  BackendCommunicator(c10::intrusive_ptr<c10d::Backend> backend, const ProcessPlace& place,
                      const ConnectOptions& options)
      : backend_(std::move(backend)), place_(place), options_(options) {}

  int64_t rank() const override { return place_.rank; }
  int64_t world_size() const override { return place_.world_size; }

  void all_reduce_sum(torch::Tensor& tensor) override { sum("all_reduce_sum", tensor); }

  void reduce_scatter_sum(torch::Tensor& shard, const torch::Tensor& whole) override {
    wait("reduce_scatter_sum", whole, [&] {
      torch::Tensor input = whole;
      return backend_->_reduce_scatter_base(shard, input);
    });
  }

  void all_gather(torch::Tensor& whole, const torch::Tensor& shard) override {
    wait("all_gather", whole, [&] {
      torch::Tensor input = shard.is_alias_of(whole) ? shard.clone() : shard;
      return backend_->_allgather_base(whole, input);
    });
  }

  void broadcast(torch::Tensor& tensor, int64_t root) override {
    wait("broadcast", tensor, [&] {
      std::vector<torch::Tensor> tensors{tensor};
      c10d::BroadcastOptions from_root;
      from_root.rootRank = root;
      return backend_->broadcast(tensors, from_root);
    });
  }

  void barrier() override {
    torch::Tensor nothing = torch::zeros({1}, options_.device);
    sum("barrier", nothing);
    nothing.item<float>();  // on a GPU the sum above is only queued
  }

 private:
  void sum(const char* name, const torch::Tensor& tensor) {
    wait(name, tensor, [&] {
      std::vector<torch::Tensor> tensors{tensor};
      return backend_->allreduce(tensors);
    });
  }

  void wait(const char* name, const torch::Tensor& tensor,
            const std::function<c10::intrusive_ptr<c10d::Work>()>& collective) {
    try {
      collective()->wait();
    } catch (const std::exception& failure) {
      const std::string reason = reason_of(failure);
      throw Error({.who = cat("process ", place_.rank, " of ", place_.world_size, ": ", name, " of ", tensor.numel(),
                              " elements"),
                   .expected = "every process to take part",
                   .got = reason,
                   .cause = is_timeout(reason) ? cat("a process hung, was stopped or needed more than ",
                                                     options_.timeout.count(), " s for its work")
                                               : "another process has died",
                   .hint = "the output of the other processes says more; the run can be resumed from its checkpoint"});
    }
  }

  c10::intrusive_ptr<c10d::Backend> backend_;
  ProcessPlace place_;
  ConnectOptions options_;
};

using Store = c10::intrusive_ptr<c10d::Store>;

/// TCPStore keeps its time limit for connections, but waits for ever for the words of a foreign server: made on a
/// thread of its own, which is left behind then.
Store open_store(const std::string& address, const c10d::TCPStoreOptions& options) {
  std::packaged_task<Store()> open([=]() -> Store { return c10::make_intrusive<c10d::TCPStore>(address, options); });
  std::future<Store> store = open.get_future();
  std::thread(std::move(open)).detach();
  // Somewhat longer than the store's own limit, whose message says more.
  if (store.wait_for(options.timeout * 2 + std::chrono::seconds(1)) == std::future_status::ready) return store.get();
  throw std::runtime_error("what listens there does not answer as a process of this run");
}

/// The key-value server through which the processes find each other: process 0 is it, or else the launcher.
Store meet(const ProcessPlace& place, std::chrono::seconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = place.master_port;
  options.isServer = place.rank == 0 && !place.launcher_serves;
  if (!place.launcher_serves) options.numWorkers = static_cast<size_t>(place.world_size);
  options.timeout = timeout;
  try {
    // torchrun keeps keys of its own in its store.
    return c10::make_intrusive<c10d::PrefixStore>("fusion", open_store(place.master_address, options));
  } catch (const std::exception& failure) {
    const std::string seconds = cat(" within ", timeout.count(), " s");
    throw Error({.who = cat("MASTER_ADDR ", place.master_address, ", MASTER_PORT ", place.master_port),
                 .expected = options.isServer
                                 ? cat(place.world_size, " processes (WORLD_SIZE) to meet at process 0", seconds)
                                 : "process 0 to answer" + seconds,
                 .got = reason_of(failure),
                 .cause = options.isServer ? "a process did not start, or another program has the port"
                                           : "process 0 did not start, or has another address or port"});
  }
}

c10::intrusive_ptr<c10d::Backend> make_backend(const ProcessPlace& place, const ConnectOptions& options) {
  const auto store = meet(place, options.connect_timeout);
  try {
    return options.device.is_cuda() ? nccl_backend(store, place, options.timeout)
                                    : gloo_backend(store, place, options.timeout);
  } catch (const std::exception& failure) {
    throw Error({.who = cat("process ", place.rank, " of ", place.world_size, ": connecting to the others"),
                 .expected = "every process to answer",
                 .got = reason_of(failure),
                 .cause = "a process did not start or has died, or the network between them is closed",
                 .hint = "GLOO_SOCKET_IFNAME names the network interface"});
  }
}

/// One collective whose result is known, since the way to it leads through another library's innards.
void check_sum(Communicator& communicator, const torch::Device& device) {
  const auto own = static_cast<float>(communicator.rank() + 1);
  torch::Tensor sum = torch::full({64}, own, device);
  communicator.all_reduce_sum(sum);
  const int64_t expected = communicator.world_size() * (communicator.world_size() + 1) / 2;
  if (sum.eq(expected).all().item<bool>()) return;
  throw Error({.who = "the first sum over all processes",
               .expected = cat(expected),
               .got = cat(sum[0].item<float>()),
               .cause = "another version of torch than the program was built with, or one RANK twice"});
}

}  // namespace

bool can_connect(torch::DeviceType device) {
#ifdef FUSION_NCCL
  if (device == torch::kCUDA) return true;
#endif
#ifdef FUSION_GLOO
  if (device == torch::kCPU) return true;
#endif
  return false;
}

torch::Device device_of_process(torch::Device device) {
  if (device.is_cpu() || device.has_index()) return device;
  return {device.type(), static_cast<torch::DeviceIndex>(process_place().local_rank)};
}

std::unique_ptr<Communicator> connect_processes(const ConnectOptions& options) {
  const ProcessPlace place = process_place();
  if (place.world_size == 1) return single_process();
  if (!can_connect(options.device.type())) {
    throw Error({.who = cat("WORLD_SIZE ", place.world_size),
                 .expected = "1 on device " + options.device.str() + ", which is all that this build can do",
                 .got = cat(place.world_size),
                 .cause = "torch " TORCH_VERSION " is not a version whose collectives were verified",
                 .hint = "cmake says which one is needed"});
  }
  auto communicator = std::make_unique<BackendCommunicator>(make_backend(place, options), place, options);
  check_sum(*communicator, options.device);
  return communicator;
}

}  // namespace fusion
