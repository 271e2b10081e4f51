#include "foundation/checkpoint/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/checkpoint/test_support.h"
#include "foundation/config/test_support.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A file of one-byte tensors with these names.
std::string file_of(const std::vector<std::string>& names) {
  std::vector<std::string> entries;
  entries.reserve(names.size());
  for (const std::string& name : names) {
    entries.push_back(cat('"', name, R"(":{"dtype":"U8","shape":[1],"data_offsets":[)", entries.size(), ",",
                          entries.size() + 1, "]}"));
  }
  return file_with_header("{" + join(entries, ",") + "}", names.size());
}

std::string index_of(const std::vector<std::pair<std::string, std::string>>& shard_of) {
  std::vector<std::string> entries;
  entries.reserve(shard_of.size());
  for (const auto& [name, shard] : shard_of) entries.push_back(cat('"', name, "\":\"", shard, '"'));
  return R"({"metadata":{"total_size":3},"weight_map":{)" + join(entries, ",") + "}}";
}

class CheckpointTest : public testing::Test {
 protected:
  void put_index(const std::string& text) { folder_.put("model.safetensors.index.json", text); }
  std::string refusal() const {
    return error_of([this] { const Checkpoint checkpoint(folder_.path()); });
  }

  const ScratchFolder folder_;
};

TEST_F(CheckpointTest, OpensASingleFile) {
  folder_.put("model.safetensors", file_of({"b", "a"}));
  const Checkpoint checkpoint(folder_.path());
  EXPECT_EQ(checkpoint.table(), (std::vector<TensorSpec>{{"a", {1}}, {"b", {1}}}));
  EXPECT_EQ(checkpoint.find("c"), nullptr);
}

TEST_F(CheckpointTest, OpensShardsAndKeepsThemMapped) {
  folder_.put("one.safetensors", file_of({"a", "b"}));
  folder_.put("two.safetensors", file_of({"c"}));
  put_index(index_of({{"a", "one.safetensors"}, {"b", "one.safetensors"}, {"c", "two.safetensors"}}));
  StoredTensor kept{};
  {
    const Checkpoint checkpoint(folder_.path());
    ASSERT_EQ(checkpoint.tensors().size(), 3u);
    kept = *checkpoint.find("c");
  }
  EXPECT_EQ(kept.view->name, "c");
  EXPECT_EQ(kept.view->bytes[0], std::byte{0});
}

TEST_F(CheckpointTest, OpensTheGoldenCheckpoints) {
  const Checkpoint checkpoint(FUSION_SOURCE_DIR "/parity/goldens/a_phi3_siglip_q4");
  EXPECT_EQ(checkpoint.tensors().size(), 174u);
  ASSERT_NE(checkpoint.find("lm_head.weight"), nullptr);
  EXPECT_EQ(checkpoint.find("lm_head.weight")->view->shape, (std::vector<int64_t>{200, 64}));
}

TEST_F(CheckpointTest, FollowsLinksOutOfTheFolder) {
  const ScratchFolder store;
  store.put("blob", file_of({"a"}));
  std::filesystem::create_symlink(store / "blob", folder_ / "one.safetensors");
  put_index(index_of({{"a", "one.safetensors"}}));
  EXPECT_EQ(Checkpoint(folder_.path()).tensors().size(), 1u);
}

TEST_F(CheckpointTest, SaysWhatItLookedForAndWhatToDo) {
  EXPECT_THAT(refusal(), AllOf(HasSubstr(folder_.path()), HasSubstr("model.safetensors.index.json, got neither")));
  folder_.put("pytorch_model-00001-of-00002.bin", "pickle");
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("pytorch_model*.bin"), HasSubstr("never opened"), HasSubstr("safe_serialization")));
  EXPECT_THAT(error_of([&] { const Checkpoint checkpoint(folder_ / "none"); }), HasSubstr("no such folder"));
  EXPECT_THAT(error_of([&] { const Checkpoint checkpoint(folder_.put("file", "")); }), HasSubstr("got a file"));
}

TEST_F(CheckpointTest, ShardNamesStayInTheFolder) {
  for (const std::string name :
       {"../x.safetensors", "/etc/x.safetensors", "a/b.safetensors", "a\\\\b.safetensors", "..", "", ".safetensors",
        "pytorch_model.bin", "x.safetensors\\u0000", "a\\nb.safetensors"}) {
    put_index(index_of({{"a", name}}));
    EXPECT_THAT(refusal(), AllOf(HasSubstr("key 'weight_map.a'"), HasSubstr("plain name of a .safetensors"))) << name;
  }
}

TEST_F(CheckpointTest, RefusesABrokenIndex) {
  put_index("{\"weight_map\":");
  EXPECT_THAT(refusal(), HasSubstr("index.json: line 1"));
  put_index("{}");
  EXPECT_THAT(refusal(), HasSubstr("a key 'weight_map'"));
  put_index(R"({"weight_map":{}})");
  EXPECT_THAT(refusal(), HasSubstr("tensors in weight_map"));
  put_index(R"({"weight_map":{"a":1}})");
  EXPECT_THAT(refusal(), HasSubstr("'weight_map.a': expected a string, got 1"));
  put_index(R"({"weight_map":{"a":"x.safetensors","a":"y.safetensors"}})");
  EXPECT_THAT(refusal(), HasSubstr("a second 'a'"));
}

TEST_F(CheckpointTest, ListsEveryAbsentShard) {
  folder_.put("one.safetensors", file_of({"a"}));
  put_index(index_of({{"a", "one.safetensors"}, {"b", "two.safetensors"}, {"c", "three.safetensors"}}));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("no file three.safetensors, no file two.safetensors"),
                               Not(HasSubstr("no file one")), HasSubstr("finish the download")));
}

TEST_F(CheckpointTest, ListsEveryDisagreementOfIndexAndShards) {
  folder_.put("one.safetensors", file_of({"a", "extra"}));
  folder_.put("two.safetensors", file_of({"a", "moved"}));
  put_index(index_of({{"a", "one.safetensors"},
                      {"absent", "two.safetensors"},
                      {"moved", "one.safetensors"},
                      {"z", "two.safetensors"}}));
  const std::string message = refusal();
  EXPECT_THAT(message, HasSubstr("'extra' in one.safetensors but not in the index"));
  EXPECT_THAT(message, HasSubstr("'a' in two.safetensors but the index has it in one.safetensors"));
  EXPECT_THAT(message, HasSubstr("'moved' in two.safetensors but the index has it in one.safetensors"));
  EXPECT_THAT(message, HasSubstr("'absent' not in two.safetensors"));
  EXPECT_THAT(message, HasSubstr("'z' not in two.safetensors"));
}

TEST_F(CheckpointTest, ABrokenShardIsNamed) {
  folder_.put("one.safetensors", file_of({"a"}).substr(0, 20));
  put_index(index_of({{"a", "one.safetensors"}}));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("/one.safetensors: "), HasSubstr("incomplete download")));
}

}  // namespace
}  // namespace fusion
