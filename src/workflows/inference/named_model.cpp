#include "workflows/inference/named_model.h"

#include <algorithm>
#include <filesystem>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr int kLevels =
    3;  // build/release/fusion lies two below the checkout's root, bin/fusion one below an installation's

/// Folders that may hold models, the nearest to the program first.
std::vector<fs::path> shelves() {
  std::error_code error;
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<fs::path> found;
  for (int i = 0; i < kLevels && !folder.empty(); ++i) {
    for (const char* shelf : {"models", "share/fusion/models"}) {
      if (fs::is_directory(folder / shelf, error)) found.push_back(folder / shelf);
    }
    folder = folder.has_relative_path() ? folder.parent_path() : fs::path();
  }
  return found;
}

/// What can be a model's name, and no path to somewhere.
bool is_name(const std::string& text) {
  return !text.empty() && text.find('/') == std::string::npos;
}

bool is_checkpoint(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "config.json", error);
}

}  // namespace

std::string model_folder(const std::string& name_or_folder) {
  if (!is_name(name_or_folder) || is_checkpoint(name_or_folder)) return name_or_folder;
  for (const fs::path& shelf : shelves()) {
    if (is_checkpoint(shelf / name_or_folder)) return (shelf / name_or_folder).string();
  }
  return name_or_folder;
}

std::string existing_model_folder(const std::string& name_or_folder) {
  std::string folder = model_folder(name_or_folder);
  std::error_code error;
  if (!is_name(folder) || fs::exists(folder, error)) return folder;
  const auto names = shipped_models();
  const std::string nearest = closest_match(name_or_folder, names);
  throw Error(
      {.who = printable(name_or_folder, 200),
       .expected = cat("a folder with a checkpoint", names.empty() ? "" : cat(", or one of ", join(names, ", "))),
       .got = "nothing of that name",
       .hint = nearest.empty() ? "check the name" : cat("did you mean ", nearest, "?")});
}

std::vector<std::string> shipped_models() {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::path& shelf : shelves()) {
    for (const auto& entry : fs::directory_iterator(shelf, error)) {
      if (is_checkpoint(entry.path())) names.push_back(entry.path().filename().string());
    }
  }
  std::ranges::sort(names);
  const auto again = std::ranges::unique(names);
  names.erase(again.begin(), again.end());
  return names;
}

}  // namespace fusion
