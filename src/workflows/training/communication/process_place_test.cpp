#include "workflows/training/communication/process_place.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <map>

#include "foundation/core/error.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ProcessPlaces : public testing::Test {
 protected:
  /// Sets the variables of a launcher; empty values are not set at all.
  static void launch(const std::map<std::string, std::string>& changes) {
    std::map<std::string, std::string> variables{{"RANK", "1"},
                                                 {"WORLD_SIZE", "2"},
                                                 {"LOCAL_RANK", ""},
                                                 {"MASTER_ADDR", "node7"},
                                                 {"MASTER_PORT", "29500"},
                                                 {"TORCHELASTIC_USE_AGENT_STORE", ""}};
    for (const auto& [name, value] : changes) variables[name] = value;
    for (const auto& [name, value] : variables) {
      unsetenv(name.c_str());
      if (!value.empty()) setenv(name.c_str(), value.c_str(), 1);
    }
  }

  void TearDown() override {
    for (const char* name :
         {"RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_USE_AGENT_STORE"}) {
      unsetenv(name);
    }
  }

  static std::string error_with(const std::map<std::string, std::string>& changes) {
    launch(changes);
    try {
      process_place();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
};

TEST_F(ProcessPlaces, ALaunchersVariablesSayWhichProcessThisIs) {
  launch({{"LOCAL_RANK", "0"}});
  const ProcessPlace place = process_place();
  EXPECT_EQ(place.rank, 1);
  EXPECT_EQ(place.world_size, 2);
  EXPECT_EQ(place.local_rank, 0);
  EXPECT_EQ(place.master_address, "node7");
  EXPECT_EQ(place.master_port, 29500);
  EXPECT_FALSE(place.launcher_serves);
}

TEST_F(ProcessPlaces, TorchrunServesItself) {
  launch({{"TORCHELASTIC_USE_AGENT_STORE", "True"}});
  EXPECT_TRUE(process_place().launcher_serves);
  launch({{"TORCHELASTIC_USE_AGENT_STORE", "False"}});
  EXPECT_FALSE(process_place().launcher_serves);
}

TEST_F(ProcessPlaces, WithoutALocalRankTheRankCounts) {
  launch({});
  EXPECT_EQ(process_place().local_rank, 1);
}

TEST_F(ProcessPlaces, WithoutVariablesThereIsOneProcess) {
  launch({{"RANK", ""}, {"WORLD_SIZE", ""}, {"MASTER_PORT", "x"}});
  EXPECT_EQ(process_place().world_size, 1);
  launch({{"RANK", "0"}, {"WORLD_SIZE", "1"}, {"MASTER_ADDR", ""}});
  EXPECT_EQ(process_place().world_size, 1);
}

TEST_F(ProcessPlaces, MissingVariablesAreNamed) {
  EXPECT_THAT(error_with({{"WORLD_SIZE", ""}}), AllOf(HasSubstr("WORLD_SIZE: expected"), HasSubstr("RANK is set")));
  EXPECT_THAT(error_with({{"RANK", ""}}), AllOf(HasSubstr("RANK: expected"), HasSubstr("WORLD_SIZE is set")));
  EXPECT_THAT(error_with({{"MASTER_ADDR", ""}}), HasSubstr("MASTER_ADDR: expected"));
  EXPECT_THAT(error_with({{"MASTER_PORT", ""}}), HasSubstr("MASTER_PORT: expected"));
}

TEST_F(ProcessPlaces, VariablesThatMakeNoSenseAreNamed) {
  EXPECT_THAT(error_with({{"RANK", "2"}}), HasSubstr("RANK: expected less than WORLD_SIZE, which is 2, got 2"));
  EXPECT_THAT(error_with({{"RANK", "-1"}}), HasSubstr("RANK: expected a whole number from 0"));
  EXPECT_THAT(error_with({{"WORLD_SIZE", "two"}}), HasSubstr("WORLD_SIZE: expected a whole number"));
  EXPECT_THAT(error_with({{"WORLD_SIZE", "0"}}), HasSubstr("WORLD_SIZE: expected a whole number from 1"));
  EXPECT_THAT(error_with({{"WORLD_SIZE", "99999999999999999999"}}), HasSubstr("WORLD_SIZE"));
  EXPECT_THAT(error_with({{"LOCAL_RANK", "x"}}), HasSubstr("LOCAL_RANK"));
  EXPECT_THAT(error_with({{"MASTER_PORT", "29500x"}}),
              HasSubstr("MASTER_PORT: expected a whole number from 1 to 65535, got \"29500x\""));
  EXPECT_THAT(error_with({{"MASTER_PORT", "65536"}}), HasSubstr("MASTER_PORT"));
}

}  // namespace
}  // namespace fusion
