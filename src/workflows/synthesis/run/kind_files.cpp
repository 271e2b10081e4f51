#include "workflows/synthesis/run/kind_files.h"

#include <filesystem>

#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "workflows/synthesis/kinds/definitions.h"

namespace fusion {

int64_t write_kind_files(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) throw Error({.who = folder, .expected = "a folder to write to", .got = code.message()});
  for (const EmbeddedFile& file : kind_definitions()) {
    const fs::path path = fs::path(folder) / file.name;
    if (!fs::exists(path)) continue;
    throw Error({.who = path.string(),
                 .expected = "to be a new file",
                 .got = "one that is there",
                 .cause = "it may have been edited",
                 .hint = "name an empty folder"});
  }
  int64_t written = 0;
  for (const EmbeddedFile& file : kind_definitions()) {
    write_text_file((fs::path(folder) / file.name).string(), file.text);
    ++written;
  }
  return written;
}

}  // namespace fusion
