#pragma once
// The pictures of a run, below its folder: images/000/000000123.jpg, a thousand to a folder.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "foundation/core/error.h"
#include "workflows/synthesis/items/roles.h"

namespace fusion {

/// The run's folder takes no more pictures: no matter of one item.
class PictureNotWritten : public Error {
 public:
  using Error::Error;
};

/// Path below the run's folder.
std::string picture_path(int64_t id, std::string_view extension);

/// Under its name there is the whole picture or none, whatever kills the program. Nothing waits for the disk: should
/// the machine itself fail, a picture of the last moments may be empty. Throws PictureNotWritten.
void write_picture(const std::string& folder, const std::string& path, const EncodedPicture& picture);

/// Throws Error where the file is not there or empty.
EncodedPicture read_picture(const std::string& folder, const std::string& path);

/// Whether the item's picture is a file with something in it.
bool has_picture(const std::string& folder, const Item& item);

/// Whether it is also the picture that `inspect` saw when it was drawn.
bool has_its_picture(const std::string& folder, const Item& item,
                     const std::function<void(Item&, const EncodedPicture&)>& inspect);

}  // namespace fusion
