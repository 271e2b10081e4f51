#pragma once
// The stages' work, done by endpoints.

#include <cstdint>
#include <memory>
#include <string>

#include "workflows/synthesis/endpoints/chat_endpoint.h"
#include "workflows/synthesis/endpoints/image_endpoint.h"
#include "workflows/synthesis/items/roles.h"
#include "workflows/synthesis/kinds/kind_registry.h"

namespace fusion {

/// Writes with a text model, from the prompts of the kinds.
class EndpointWriter : public Writer {
 public:
  /// \param seed  of the run
  /// \param send_picture  whether the model also gets to see the picture that it asks about
  EndpointWriter(ChatEndpoint chat, std::shared_ptr<const KindRegistry> kinds, uint64_t seed, bool send_picture)
      : chat_(std::move(chat)), kinds_(std::move(kinds)), seed_(seed), send_picture_(send_picture) {}

  /// One call, with the first kind's prompt. A picture that was there before is described by its caption alone: more
  /// could not be known of it.
  void expand(Item& item, const CallContext& context) override;
  /// One call for each of the item's kinds that has as many pictures as the item.
  void ask(Item& item, const EncodedPicture& picture, const CallContext& context) override;

 private:
  ChatEndpoint chat_;
  std::shared_ptr<const KindRegistry> kinds_;
  uint64_t seed_;
  bool send_picture_;
};

/// Draws with a picture model: a description, or two of them side by side.
class EndpointPainter : public Painter {
 public:
  explicit EndpointPainter(ImageEndpoint images) : images_(std::move(images)) {}
  EncodedPicture draw(const Item& item, const CallContext& context) override;

 private:
  ImageEndpoint images_;
};

/// Asks a model that sees how well a picture shows its description.
class EndpointAgreement : public AgreementModel {
 public:
  explicit EndpointAgreement(ChatEndpoint chat) : chat_(std::move(chat)) {}
  double agreement(const Item& item, const EncodedPicture& picture, const CallContext& context) override;

 private:
  ChatEndpoint chat_;
};

}  // namespace fusion
