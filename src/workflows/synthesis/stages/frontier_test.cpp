#include "workflows/synthesis/stages/frontier.h"

#include <gtest/gtest.h>

namespace fusion {
namespace {

Item item(int64_t id) {
  Item out;
  out.id = id;
  return out;
}

TEST(Frontier, LetsItemsThroughInTheOrderOfIds) {
  Frontier frontier;
  for (int64_t id = 0; id < 3; ++id) frontier.enter(id, 2);
  EXPECT_EQ(frontier.expected(), 6);
  frontier.ready(item(2));
  frontier.ready(item(1));
  EXPECT_FALSE(frontier.next());
  frontier.ready(item(0));
  for (int64_t id = 0; id < 3; ++id) EXPECT_EQ(frontier.next().value().id, id);
  EXPECT_FALSE(frontier.next());
  EXPECT_EQ(frontier.size(), 0);
  EXPECT_EQ(frontier.expected(), 0);
}

TEST(Frontier, PassesByWhatWillNotCome) {
  Frontier frontier;
  frontier.enter(5, 1);
  frontier.enter(8, 3);
  frontier.ready(item(8));
  frontier.leave(5);
  EXPECT_EQ(frontier.expected(), 3);
  EXPECT_EQ(frontier.next().value().id, 8);
}

}  // namespace
}  // namespace fusion
