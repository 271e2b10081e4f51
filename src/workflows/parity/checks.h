#pragma once
// One compared stage, and the ways to compare one.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/trace.h"

namespace fusion {

struct StageCheck {
  std::string name;
  std::string shape;  ///< "2x3x64"
  double error = 0;   ///< largest relative error; for integers the number of values that differ
  double bound = 0;   ///< 0: must be equal
  bool holds = false;
  std::string problem = {};  ///< why it was not compared: "not computed", "shape 3x4" ...
};

/// Largest |got - expected| over the largest |expected|, both floating point and of one shape. Not-a-number where
/// either has one that the other has not.
double relative_error(const torch::Tensor& got, const torch::Tensor& expected);
double relative_error(double got, double expected);

/// 0 of an empty tensor.
double largest(const torch::Tensor& magnitudes);

/// Every value the same.
StageCheck equal_tensor(const std::string& name, const torch::Tensor& got, const torch::Tensor& expected);
/// relative_error within `bound`.
StageCheck near_tensor(const std::string& name, const torch::Tensor& got, const torch::Tensor& expected, double bound);
/// Every byte the same.
StageCheck equal_text(const std::string& name, const std::string& got, const std::string& expected);
StageCheck equal_ids(const std::string& name, const std::vector<int64_t>& got, const std::vector<int64_t>& expected);

/// Every tensor of a safetensors file.
Trace read_tensors(const std::string& path);

/// Throws Error, with the file's name, where there is no such tensor.
const torch::Tensor& tensor_in(const Trace& tensors, const std::string& name, const std::string& file);

/// A list of objects in a golden file, each with a JsonObject of its own: visit(object, "key.0"). Throws Error where
/// it is no list.
template <class Visit>
void for_each_object(const nlohmann::json& list, const std::string& file, const std::string& key, Visit visit) {
  if (!list.is_array()) throw Error({.who = file + ": " + key, .expected = "a list", .got = list.type_name()});
  for (size_t i = 0; i < list.size(); ++i) visit(JsonObject(list[i], file, cat(key, "[", i, "]")), cat(key, ".", i));
}

/// The same for the list under a key of `owner`; a missing one is no list.
template <class Visit>
void for_each_object(const JsonObject& owner, const std::string& key, Visit visit) {
  const nlohmann::json* list = owner.find(key);
  for_each_object(list == nullptr ? nlohmann::json() : *list, owner.file(), key, visit);
}

}  // namespace fusion
