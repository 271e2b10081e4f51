#include "workflows/synthesis/run/objects_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(ObjectsText, CountsLooksAndNounsOfEachSourceAndOfAll) {
  const ScratchFolder folder;
  for (const char* name : {"star", "owl_1", "owl_2"}) folder.put(cat(name, ".png"), "x");
  folder.put("star.txt", "A star.");
  folder.put("owl_1.txt", "An owl.");
  folder.put("owl_2.txt", "An owl.");
  const auto catalogue = Catalogue::open({.objects = {"shapes", "stamps"}, .stamps = folder.path()});
  EXPECT_EQ(objects_text(*catalogue),
            "source  looks  nouns\n"
            "shapes     13     13\n"
            "stamps      3      2\n"
            "all        16     14\n");
  const std::string nouns = nouns_text(*catalogue);
  EXPECT_THAT(nouns, StartsWith("noun      plural     looks\n"));
  EXPECT_THAT(nouns, HasSubstr("\nowl       owls           2\n"));
  EXPECT_THAT(nouns, HasSubstr("\nstar      stars          2\n"));
}

}  // namespace
}  // namespace fusion
