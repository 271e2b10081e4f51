#pragma once
// Shares of names: which are held out is a matter of the name alone, whatever else there is.

#include <cstdint>
#include <string_view>

namespace fusion {

/// FNV-1a, then the finaliser of splitmix64, as a number from 0 up to 1: the same name falls on the same side on every
/// machine.
inline double name_position(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  hash ^= hash >> 31;
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

}  // namespace fusion
