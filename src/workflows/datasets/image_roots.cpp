#include "workflows/datasets/image_roots.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

/// Both are normal.
bool is_inside(const fs::path& path, const fs::path& root) {
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end() && rest != path.end() && path.has_filename();
}

std::string listed(std::span<const std::string> roots) {
  constexpr size_t kShown = 3;
  std::string text = join(roots.first(std::min(roots.size(), kShown)), ", ");
  if (roots.size() > kShown) text += cat(" and ", roots.size() - kShown, " more");
  return text;
}

}  // namespace

std::string image_root(const std::string& folder, const std::string& who) {
  std::error_code code;
  if (!fs::is_directory(folder, code)) {
    throw Error(
        {.who = who,
         .expected = "a folder of pictures",
         .got = cat(printable(folder, 200), fs::exists(folder, code) ? ", which is none" : ", which is missing")});
  }
  fs::path root = fs::absolute(folder).lexically_normal();
  if (!root.has_filename() && root.has_parent_path()) root = root.parent_path();  // without the last slash
  return root.string();
}

std::string find_image(const std::string& image, std::span<const std::string> roots, const std::string& who) {
  bool any_inside = false;
  std::string reason = "no such file";
  for (const std::string& root : roots) {
    const fs::path candidate = (fs::path(root) / image).lexically_normal();  // an absolute image replaces the root
    if (!is_inside(candidate, root)) continue;
    any_inside = true;
    std::error_code code;
    if (fs::exists(candidate, code)) return candidate.string();
    if (code) reason = cat(candidate.string(), ": ", code.message());
  }
  if (!any_inside) {
    throw Error({.who = who,
                 .expected = cat("a picture inside ", listed(roots)),
                 .got = printable(image, 200),
                 .cause = "the path leads out of every folder that pictures may come from",
                 .hint = "name its folder with image_folder in the mixture or as an image root"});
  }
  throw Error({.who = who,
               .expected = cat("the picture ", printable(image, 200), " in ", listed(roots)),
               .got = reason,
               .hint = "name its folder with image_folder in the mixture or as an image root"});
}

}  // namespace fusion
