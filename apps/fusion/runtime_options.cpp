#include "fusion/runtime_options.h"

#include <torch/cuda.h>
#include <torch/types.h>

#include <charconv>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "fusion/flag_checks.h"

namespace fusion::app {

namespace {

/// The number behind "cuda:", 0 for "cuda" alone, nothing when it is neither.
std::optional<int> cuda_index(const std::string& name) {
  if (name == "cuda") return 0;
  if (!name.starts_with("cuda:")) return std::nullopt;
  int index = 0;
  const auto [end, status] = std::from_chars(name.data() + 5, name.data() + name.size(), index);
  if (status != std::errc() || end != name.data() + name.size() || index < 0) return std::nullopt;
  return index;
}

}  // namespace

void add_device_options(CLI::App& command, RuntimeOptions& options) {
  command.add_option("--device", options.device, "auto (a GPU where there is one), cpu, cuda or cuda:N")
      ->check(flag_check([](const std::string& name) {
        if (name == "auto" || name == "cpu" || cuda_index(name)) return;
        throw Error({.expected = "auto, cpu, cuda or cuda:N", .got = printable(name)});
      }))
      ->capture_default_str();
  command.add_option("--threads", options.threads, "CPU threads; 0: one a core")
      ->check(whole_number(0, 1024))
      ->capture_default_str();
}

void add_runtime_options(CLI::App& command, RuntimeOptions& options) {
  add_device_options(command, options);
  command
      .add_option("--dtype", options.dtype,
                  "Precision of the weights; auto: as stored; int8: matrices as 8-bit integers")
      ->check(one_of({"auto", "float32", "bfloat16", "float16", "int8"}))
      ->capture_default_str();
}

torch::Device device_of(const RuntimeOptions& options) {
  const bool has_gpu = torch::cuda::is_available();
  if (options.device == "cpu") return torch::kCPU;
  if (options.device == "auto") return has_gpu ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
  const auto index = cuda_index(options.device);
  const auto count = has_gpu ? static_cast<int>(torch::cuda::device_count()) : 0;
  if (!index || *index >= count) {
    throw Error({.who = "--device " + options.device,
                 .expected = "a GPU of that number",
                 .got = count == 0 ? "no usable GPU" : cat("GPUs 0 to ", count - 1),
                 .cause = count == 0 ? "no NVIDIA driver, or a CPU build of torch" : "",
                 .hint = "use --device cpu"});
  }
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(*index)};
}

LoadOptions load_options(const RuntimeOptions& options) {
  return {.device = device_of(options), .dtype = dtype_of(options), .int8 = options.dtype == "int8"};
}

std::optional<torch::ScalarType> dtype_of(const RuntimeOptions& options) {
  if (options.dtype == "float32") return torch::kFloat32;
  if (options.dtype == "bfloat16") return torch::kBFloat16;
  if (options.dtype == "float16") return torch::kHalf;
  return std::nullopt;
}

void apply_threads(const RuntimeOptions& options) {
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
}

}  // namespace fusion::app
