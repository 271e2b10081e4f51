#include "workflows/inference/named_model.h"

#include <gmock/gmock.h>

#include "foundation/config/test_support.h"
#include "foundation/core/error.h"

namespace fusion {
namespace {

TEST(NamedModel, IsFoundAboveTheProgram) {
  EXPECT_THAT(shipped_models(), testing::Contains("nano"));
  EXPECT_THAT(model_folder("nano"), testing::EndsWith("models/nano"));
  EXPECT_EQ(existing_model_folder("nano"), model_folder("nano"));
}

TEST(NamedModel, PathsStayAsTheyAre) {
  const ScratchFolder folder;
  EXPECT_EQ(model_folder(folder.path()), folder.path());
  EXPECT_EQ(existing_model_folder(folder / "nothing"), folder / "nothing");
}

TEST(NamedModel, AnUnknownNameIsAnErrorWithTheOneItResembles) {
  EXPECT_EQ(model_folder("nanoo"), "nanoo");
  try {
    existing_model_folder("nanoo");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("did you mean nano?"));
  }
}

}  // namespace
}  // namespace fusion
