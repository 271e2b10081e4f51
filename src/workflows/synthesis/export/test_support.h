#pragma once
// For tests only: an output folder with a picture in it, and the lines of a file.

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/report/test_support.h"

namespace fusion {

/// The folder that example_item()'s picture is in.
class OutputFolder : public ScratchFolder {
 public:
  OutputFolder() {
    std::filesystem::create_directories(*this / "images/000");
    put("images/000/picture.png", "\x89PNG of an example");
  }
  std::string text(std::string_view name) const {
    std::ifstream file(*this / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::vector<nlohmann::json> records(std::string_view name) const {
    std::vector<nlohmann::json> records;
    std::istringstream lines(text(name));
    for (std::string line; std::getline(lines, line);) records.push_back(nlohmann::json::parse(line));
    return records;
  }
  bool has(std::string_view name) const { return std::filesystem::exists(*this / name); }
};

}  // namespace fusion
