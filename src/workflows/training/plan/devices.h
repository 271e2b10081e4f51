#pragma once
// What a run may have to run on.

#include <c10/core/Device.h>

#include <cstdint>
#include <string>
#include <vector>

namespace fusion {

struct PlannedDevice {
  std::string name;
  uint64_t memory = 0;  ///< bytes
  double float32 = 0;   ///< operations a second in products; 0: not known
  double bfloat16 = 0;
};

/// h100, a100, ...: dense figures of the makers' data sheets, memory as its name says. The bytes of a card beyond that
/// (85.0e9 of an "80 GB" one) are what context, libraries and fragmentation take.
std::vector<std::string> device_names();

/// Throws Error on an unknown name, with the nearest known one.
PlannedDevice find_device(const std::string& name);

/// This machine's: its memory, of a GPU all but a twentieth, and, of the CPU, how fast it multiplies, measured in a
/// moment. A GPU's speed stays 0.
PlannedDevice this_device(c10::Device device);

}  // namespace fusion
