#include "workflows/inference/picture_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

bool is_picture_name(const fs::path& path) {
  constexpr std::array<std::string_view, 4> kEndings = {".jpg", ".jpeg", ".png", ".webp"};
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

std::vector<std::string> pictures_in(const std::string& folder) {
  std::error_code code;
  std::vector<std::string> files;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    if (is_picture_name(entry->path())) files.push_back(entry->path().string());
  }
  if (code || files.empty()) {
    throw Error({.who = folder,
                 .expected = "a folder of JPEG, PNG or WebP files",
                 .got = code ? code.message() : "a folder with none of them in it"});
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::vector<std::string> picture_files(std::span<const std::string> paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code code;
    if (fs::is_directory(path, code)) {
      const auto inside = pictures_in(path);
      files.insert(files.end(), inside.begin(), inside.end());
    } else if (fs::exists(path, code)) {
      files.push_back(path);
    } else {
      throw Error({.who = printable(path, path.size()),
                   .expected = "a picture, or a folder of pictures",
                   .got = "no such file",
                   .hint = "check the path; a question of several words stands in quotes"});
    }
  }
  return files;
}

}  // namespace fusion
