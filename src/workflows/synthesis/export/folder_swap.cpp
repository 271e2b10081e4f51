#include "workflows/synthesis/export/folder_swap.h"

#include <fcntl.h>
#include <stdio.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "foundation/core/error.h"

namespace fusion {

namespace fs = std::filesystem;

FolderSwap::FolderSwap(std::string target) : target_(std::move(target)), path_(target_ + ".unfinished") {
  std::error_code code;
  fs::remove_all(path_, code);
  if (!code) fs::create_directory(path_, code);
  if (code) throw Error({.who = path_, .expected = "to make a new folder", .got = code.message()});
}

FolderSwap::~FolderSwap() {
  std::error_code code;
  fs::remove_all(path_, code);
}

void FolderSwap::commit() {
  // The exchange is one step; where there is no target, or the file system cannot exchange, a rename does it.
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) return;
  std::error_code code;
  if (errno != ENOENT) fs::remove_all(target_, code);
  if (!code) fs::rename(path_, target_, code);
  if (code) throw Error({.who = target_, .expected = "to put the new folder in its place", .got = code.message()});
}

}  // namespace fusion
