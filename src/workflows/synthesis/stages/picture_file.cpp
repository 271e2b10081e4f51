#include "workflows/synthesis/stages/picture_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <system_error>

#include "foundation/core/text.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kPicturesPerFolder = 1000;

[[noreturn]] void fail(const std::string& path, const char* doing, int code) {
  const bool full = code == ENOSPC || code == EFBIG || code == EDQUOT;
  throw PictureNotWritten({.who = path,
                           .expected = doing,
                           .got = std::generic_category().message(code),
                           .cause = full ? "the disk is full or a size limit is set" : "",
                           .hint = full ? "free some space and start again: what was committed is there"
                                        : "check that the folder can be written"});
}

int open_new(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
}

int create(const std::string& path) {
  int descriptor = open_new(path);
  if (descriptor < 0 && errno == ENOENT) {
    std::error_code code;
    fs::create_directories(fs::path(path).parent_path(), code);
    if (code) fail(path, "to make its folder", code.value());
    descriptor = open_new(path);
  }
  if (descriptor < 0) fail(path, "to create it", errno);
  return descriptor;
}

void write_all(const std::string& path, int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t taken = ::write(descriptor, bytes.data(), bytes.size());
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) fail(path, "to write it", errno);
    bytes = bytes.subspan(static_cast<size_t>(taken));
  }
}

}  // namespace

std::string picture_path(int64_t id, std::string_view extension) {
  std::ostringstream path;
  path << std::setfill('0') << "images/" << std::setw(3) << id / kPicturesPerFolder << '/' << std::setw(9) << id << '.'
       << extension;
  return path.str();
}

void write_picture(const std::string& folder, const std::string& path, const EncodedPicture& picture) {
  const std::string target = (fs::path(folder) / path).string();
  const std::string temporary = cat(target, ".tmp");
  const int descriptor = create(temporary);
  try {
    write_all(temporary, descriptor, picture.bytes);
  } catch (const PictureNotWritten&) {
    ::close(descriptor);
    ::unlink(temporary.c_str());
    throw;
  }
  if (::close(descriptor) != 0) fail(temporary, "to close it", errno);
  if (std::rename(temporary.c_str(), target.c_str()) != 0) fail(target, "to rename it into place", errno);
}

EncodedPicture read_picture(const std::string& folder, const std::string& path) {
  const fs::path file = fs::path(folder) / path;
  std::error_code code;
  const uintmax_t size = fs::file_size(file, code);
  if (code || size == 0) {
    throw Error({.who = file.string(), .expected = "a picture", .got = code ? code.message() : "an empty file"});
  }
  if (!file.has_extension()) {
    throw Error({.who = file.string(), .expected = "a name that ends in .jpg, .png or .webp", .got = "no ending"});
  }
  EncodedPicture picture{.bytes = std::vector<std::byte>(size), .extension = file.extension().string().substr(1)};
  std::ifstream in(file, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(picture.bytes.data()), static_cast<std::streamsize>(size))) {
    throw Error({.who = file.string(), .expected = cat(size, " bytes"), .got = "fewer"});
  }
  return picture;
}

bool has_picture(const std::string& folder, const Item& item) {
  std::error_code code;
  const uintmax_t size = fs::file_size(fs::path(folder) / item.picture, code);
  return !code && size > 0;
}

bool has_its_picture(const std::string& folder, const Item& item,
                     const std::function<void(Item&, const EncodedPicture&)>& inspect) {
  if (!has_picture(folder, item)) return false;
  if (!inspect) return true;
  Item seen;
  try {
    inspect(seen, read_picture(folder, item.picture));
  } catch (const Error&) {
    return false;
  }
  return seen.width == item.width && seen.height == item.height && seen.picture_hash == item.picture_hash;
}

}  // namespace fusion
