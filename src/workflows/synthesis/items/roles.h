#pragma once
// Who does the work of a stage. Each is one small interface with an embedded implementation, which needs no network,
// and one that calls an endpoint; the recipe says which is taken.
//
// All of them are called by several threads at once. What they make depends on the item and the run's seed alone,
// never on the order of the calls; an endpoint is as repeatable as its server.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "foundation/core/error.h"
#include "workflows/synthesis/items/item.h"

namespace fusion {

/// A call that failed after all its tries: the item is set aside and can be retried, the run goes on.
class CallFailed : public Error {
 public:
  using Error::Error;
};

/// A call that will fail for every item: a wrong key, a model that is not there, nobody listening. The run stops, and
/// goes on from here when it is started again.
class ProviderUnusable : public Error {
 public:
  using Error::Error;
};

/// What a call may look at besides its item.
struct CallContext {
  std::stop_token stop;  ///< asked for a stop, a call gives up early and throws CallFailed
  Usage* usage;          ///< what the call cost is added here, also where it fails
};

/// Captions that a source could not use and passed over.
struct BrokenCaptions {
  int64_t count = 0;
  std::vector<std::string> first = {};  ///< the first few of them: "FILE:LINE: why"

  bool operator==(const BrokenCaptions&) const = default;
};

/// Captions, by number: where the items come from.
class CaptionSource {
 public:
  virtual ~CaptionSource() = default;
  /// Item `id` with its caption, source, kinds and, where they are known, scenes or source_picture; nothing where there
  /// are no more. Asked for rising ids, by one thread.
  virtual std::optional<Item> caption(int64_t id) = 0;
  /// Of all that come before the last that was asked for.
  virtual BrokenCaptions broken() const { return {}; }
};

/// A picture as a file: JPEG, PNG or WebP.
struct EncodedPicture {
  std::vector<std::byte> bytes;
  std::string extension;  ///< "jpg", "png" or "webp"
};

/// Writes what a text model would: descriptions from captions, conversations from descriptions.
class Writer {
 public:
  virtual ~Writer() = default;
  /// Fills in `descriptions` (and scenes, for a second picture).
  virtual void expand(Item& item, const CallContext& context) = 0;
  /// Fills in `conversations`, one for each of the item's kinds that fits its picture.
  /// \param picture  the item's picture, for a model that can look at it
  virtual void ask(Item& item, const EncodedPicture& picture, const CallContext& context) = 0;
};

/// Makes the picture, or fetches it.
class Painter {
 public:
  virtual ~Painter() = default;
  /// The item's picture: where it has two descriptions or scenes, both side by side.
  virtual EncodedPicture draw(const Item& item, const CallContext& context) = 0;
};

/// Says how well a picture shows what its description says.
class AgreementModel {
 public:
  virtual ~AgreementModel() = default;
  /// 0 (another picture) to 1 (all of it).
  virtual double agreement(const Item& item, const EncodedPicture& picture, const CallContext& context) = 0;
};

}  // namespace fusion
