#include "workflows/synthesis/store/empty_folder.h"

#include <filesystem>
#include <iterator>
#include <set>
#include <system_error>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

void require_empty_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  constexpr size_t kShown = 3;
  std::set<std::string> first;
  size_t count = 0;
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with('.')) continue;
    ++count;
    first.insert(printable(name));
    if (first.size() > kShown) first.erase(std::prev(first.end()));
  }
  if (code == std::errc::no_such_file_or_directory) return;
  if (code) throw Error({.who = folder, .expected = "a folder that can be listed", .got = code.message()});
  if (count == 0) return;
  const std::string more = count > first.size() ? cat(" and ", count - first.size(), " more") : "";
  throw Error({.who = folder,
               .expected = "an empty folder for a new data set",
               .got = cat("one with ", join(first, ", "), more),
               .cause = "files of the data set would take the place of such as are called the same",
               .hint = "name an empty folder, or one that is not there yet"});
}

}  // namespace fusion
