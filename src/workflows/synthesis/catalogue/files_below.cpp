#include <algorithm>
#include <filesystem>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/catalogue/sources.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFiles = 100'000;

}  // namespace

std::vector<std::string> files_below(const std::string& folder, const std::string& package) {
  std::error_code code;
  if (!fs::is_directory(folder, code)) {
    throw Error({.who = folder,
                 .expected = cat("the folder of the package ", package),
                 .got = "no such folder",
                 .hint = cat("apt-get install ", package, ", or name its folder in the recipe")});
  }
  std::vector<std::string> files;
  auto at = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, code);
  for (; !code && at != fs::recursive_directory_iterator(); at.increment(code)) {
    if (at->is_symlink() || !at->is_regular_file()) continue;
    files.push_back(fs::relative(at->path(), folder, code).generic_string());
    if (files.size() > kMostFiles) {
      throw Error({.who = folder,
                   .expected = cat("at most ", kMostFiles, " files"),
                   .got = "more",
                   .hint = "is this the folder of a package?"});
    }
  }
  if (code) throw Error({.who = folder, .expected = "a folder that can be read", .got = code.message()});
  std::ranges::sort(files);
  return files;
}

}  // namespace fusion
