#include "foundation/checkpoint/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "foundation/checkpoint/tensor_table.h"
#include "foundation/checkpoint/test_support.h"
#include "foundation/config/input_file.h"
#include "foundation/config/json_file.h"
#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr uint64_t kMaxGoldenBytes = uint64_t{64} << 20;

SafetensorsContent parse(std::string_view file) {
  return parse_safetensors(bytes_of(file), "x.safetensors");
}

std::string refusal(std::string_view header, size_t data_bytes) {
  const std::string file = file_with_header(header, data_bytes);
  return error_of([&] { parse(file); });
}

/// A header of one tensor 'a' from the three fields as they stand.
std::string one_tensor(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return "{\"a\":{\"dtype\":\"" + std::string(dtype) + "\",\"shape\":" + std::string(shape) +
         ",\"data_offsets\":" + std::string(offsets) + "}}";
}

TEST(Safetensors, DescribesTensorsInTheOrderOfTheirBytes) {
  const std::string file =
      file_with_header(R"({"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]},)"
                       R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}})",
                       11);
  const SafetensorsContent content = parse(file);
  ASSERT_EQ(content.tensors.size(), 2u);
  EXPECT_EQ(content.tensors[0].name, "a");
  EXPECT_EQ(content.tensors[0].dtype, DType::kF32);
  EXPECT_THAT(content.tensors[0].shape, ElementsAre(2, 1));
  EXPECT_EQ(content.tensors[0].element_count(), 2);
  EXPECT_EQ(content.tensors[1].bytes.data(), bytes_of(file).data() + file.size() - 3);
  EXPECT_EQ(content.metadata.at("format"), "pt");
}

TEST(Safetensors, EmptyTensorsScalarsAndFilesAreFine) {
  const std::string file =
      file_with_header(R"({"none":{"dtype":"I64","shape":[0,9223372036854775807,9],"data_offsets":[0,0]},)"
                       R"("one":{"dtype":"BF16","shape":[],"data_offsets":[0,2]},)"
                       R"("end":{"dtype":"F64","shape":[0],"data_offsets":[2,2]}}   )",
                       2);
  const SafetensorsContent content = parse(file);
  ASSERT_EQ(content.tensors.size(), 3u);
  EXPECT_EQ(content.tensors[0].name, "none");
  EXPECT_EQ(content.tensors[1].element_count(), 1);
  EXPECT_EQ(parse(file_with_header("{}", 0)).tensors.size(), 0u);
}

TEST(Safetensors, EveryDTypeHasItsSizeAndSpelling) {
  EXPECT_EQ(dtype_names(), "BOOL, U8, I8, F8_E5M2, F8_E4M3, I16, F16, BF16, I32, F32, F64, I64");
  const auto size_of = [](std::string_view name) { return dtype_size(dtype_from_name(name).value()); };
  for (const std::string_view name : {"BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3"}) EXPECT_EQ(size_of(name), 1u) << name;
  for (const std::string_view name : {"I16", "F16", "BF16"}) EXPECT_EQ(size_of(name), 2u) << name;
  for (const std::string_view name : {"I32", "F32"}) EXPECT_EQ(size_of(name), 4u) << name;
  for (const std::string_view name : {"I64", "F64"}) EXPECT_EQ(size_of(name), 8u) << name;
  EXPECT_EQ(dtype_name(DType::kF8E4M3), "F8_E4M3");
  EXPECT_EQ(dtype_from_name("f32"), std::nullopt);
}

TEST(Safetensors, OddHeadersGiveUnalignedViews) {
  const std::string header = one_tensor("F64", "[1]", "[0,8]");
  bool aligned[2] = {};
  for (const size_t padding : {size_t{0}, size_t{1}}) {
    const std::string file = file_with_header(header + std::string(padding, ' '), 8);
    const SafetensorsContent content = parse(file);
    const auto address = reinterpret_cast<uintptr_t>(content.tensors.at(0).bytes.data());
    aligned[padding] = content.tensors[0].aligned();
    EXPECT_EQ(aligned[padding], address % 8 == 0);
  }
  EXPECT_FALSE(aligned[0] && aligned[1]);
}

TEST(Safetensors, RefusesBadHeaderLengths) {
  EXPECT_THAT(error_of([] { parse(""); }), AllOf(StartsWith("x.safetensors: "), HasSubstr("got 0 bytes")));
  EXPECT_THAT(error_of([] { parse("1234567"); }), HasSubstr("got 7 bytes"));
  EXPECT_THAT(error_of([] { parse(std::string("\0\0\0\0\0\0\0\x10{}", 10)); }),
              AllOf(HasSubstr("at most 2 bytes"), HasSubstr("one of 1152921504606846976")));
  EXPECT_THAT(error_of([] { parse(std::string(16, '\xff')); }), HasSubstr("one of 18446744073709551615"));
  EXPECT_THAT(error_of([] { parse(std::string("\3\0\0\0\0\0\0\0{}", 10)); }), HasSubstr("one of 3"));
  EXPECT_THAT(error_of([] { parse(std::string(8, '\0')); }), HasSubstr("valid JSON"));
  std::string too_long = file_with_header("{}", 100'000'000);
  too_long.replace(0, 8, std::string("\1\xe1\xf5\5\0\0\0\0", 8));
  EXPECT_THAT(error_of([&] { parse(too_long); }), HasSubstr("at most 100000000 bytes"));
}

TEST(Safetensors, RefusesHeadersOfAnotherForm) {
  EXPECT_THAT(refusal("[]", 0), HasSubstr("a JSON object"));
  EXPECT_THAT(refusal("{\"a\":", 0), HasSubstr("x.safetensors: header: line 1, column 5"));
  EXPECT_THAT(refusal("{\"a\":1}", 0), HasSubstr("tensor 'a': expected a JSON object, got 1"));
  EXPECT_THAT(refusal("{\"a\":{\"b\":[[[[]]]]}}", 0), HasSubstr("levels of nesting"));
  EXPECT_THAT(refusal("{\"\xff\":1}", 0), HasSubstr("valid JSON"));
  EXPECT_THAT(refusal(R"({"__metadata__":{"a":1}})", 0), HasSubstr("'__metadata__.a': expected a string, got 1"));
  EXPECT_THAT(refusal(R"({"__metadata__":[]})", 0), HasSubstr("'__metadata__': expected a JSON object"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[]}})", 0), HasSubstr("a key 'data_offsets'"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":0}})", 1), HasSubstr("'x'"));
  const std::string twice = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  EXPECT_THAT(refusal("{" + twice + "," + twice + "}", 1), HasSubstr("a second 'a'"));
}

TEST(Safetensors, RefusesBadShapes) {
  EXPECT_THAT(refusal(one_tensor("F99", "[1]", "[0,4]"), 4), AllOf(HasSubstr("tensor 'a'"), HasSubstr("got F99")));
  EXPECT_THAT(refusal(one_tensor("F32", "[-1]", "[0,4]"), 4), HasSubstr("sizes of at least 0, got -1"));
  EXPECT_THAT(refusal(one_tensor("F32", "[1.0]", "[0,4]"), 4), HasSubstr("each element an integer"));
  EXPECT_THAT(refusal(one_tensor("F32", "[1e0]", "[0,4]"), 4), HasSubstr("each element an integer"));
  EXPECT_THAT(refusal(one_tensor("F32", "[18446744073709551615]", "[0,4]"), 4), HasSubstr("each element an integer"));
  EXPECT_THAT(refusal(one_tensor("F32", "1", "[0,4]"), 4), HasSubstr("a list"));
  EXPECT_THAT(refusal(one_tensor("F32", "[4294967296,4294967296]", "[0,0]"), 0), HasSubstr("a shape that fits"));
  EXPECT_THAT(refusal(one_tensor("F32", "[2305843009213693952,4]", "[0,0]"), 0), HasSubstr("a shape that fits"));
  EXPECT_THAT(refusal(one_tensor("I64", "[9223372036854775807]", "[0,4]"), 4), HasSubstr("a shape that fits"));
  EXPECT_THAT(refusal(one_tensor("U8", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,1]"), 1),
              HasSubstr("at most 16 dimensions, got 17"));
}

TEST(Safetensors, RefusesBadOffsets) {
  EXPECT_THAT(refusal(one_tensor("F32", "[1]", "[4,0]"), 4), HasSubstr("two rising data_offsets"));
  EXPECT_THAT(refusal(one_tensor("F32", "[1]", "[-4,0]"), 4), HasSubstr("two rising data_offsets"));
  EXPECT_THAT(refusal(one_tensor("F32", "[1]", "[0,2,4]"), 4), HasSubstr("two rising data_offsets"));
  EXPECT_THAT(refusal(one_tensor("F32", "[1]", "[]"), 4), HasSubstr("two rising data_offsets"));
  EXPECT_THAT(refusal(one_tensor("F32", "[2]", "[0,8]"), 4),
              AllOf(HasSubstr("within the 4 bytes"), HasSubstr("got 8")));
  EXPECT_THAT(refusal(one_tensor("F32", "[1]", "[9223372036854775803,9223372036854775807]"), 4),
              HasSubstr("within the 4 bytes"));
  EXPECT_THAT(refusal(one_tensor("F32", "[1]", "[0,8]"), 8),
              HasSubstr("4 bytes for F32 of shape [1], got data_offsets for 8"));
}

TEST(Safetensors, RefusesOverlapsAndHoles) {
  const auto two = [](std::string_view a, std::string_view b) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + std::string(a) +
           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + std::string(b) + "}}";
  };
  EXPECT_NO_THROW(parse(file_with_header(two("[4,8]", "[0,4]"), 8)));
  EXPECT_THAT(refusal(two("[0,4]", "[3,7]"), 7), HasSubstr("tensor 'b': expected bytes of its own, got an overlap"));
  EXPECT_THAT(refusal(two("[0,4]", "[0,4]"), 4), HasSubstr("an overlap with 'a'"));
  EXPECT_THAT(refusal(two("[0,4]", "[5,9]"), 9), HasSubstr("expected data from offset 4, got from 5"));
  EXPECT_THAT(refusal(two("[1,5]", "[5,9]"), 9), HasSubstr("expected data from offset 0, got from 1"));
  EXPECT_THAT(refusal(two("[0,4]", "[4,8]"), 9), HasSubstr("expected 8 bytes of data, got 9"));
  const std::string empty_inside = R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                                   R"("b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})";
  EXPECT_THAT(refusal(empty_inside, 4), HasSubstr("an overlap with 'a'"));
}

TEST(Safetensors, NamesFromTheFileCannotForgeMessages) {
  const std::string message = refusal(R"({"a\n\u001b[31mboom":{"dtype":"X","shape":[],"data_offsets":[0,0]}})", 0);
  EXPECT_THAT(message, HasSubstr("tensor 'a??[31mboom'"));
}

TEST(SafetensorsFile, ReadsEveryGolden) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(FUSION_SOURCE_DIR "/parity/goldens")) {
    if (entry.path().extension() != ".safetensors") continue;
    const auto file = SafetensorsFile::open(entry.path().string());
    for (const TensorView& tensor : file->tensors()) EXPECT_EQ(file->find(tensor.name), &tensor);
    ++files;
  }
  EXPECT_GE(files, 9u);
}

TEST(SafetensorsFile, GoldenShapesAreThoseOfTheirCase) {
  const std::string folder = FUSION_SOURCE_DIR "/parity/goldens/c_llama_siglip_gqa";
  const auto file = SafetensorsFile::open(folder + "/case.safetensors");
  const nlohmann::json golden = read_json_file(folder + "/case.json");
  std::vector<TensorSpec> expected;
  for (const auto& [name, shape] : golden.at("stage_shapes").items()) {
    expected.push_back({.name = name, .shape = shape.get<std::vector<int64_t>>()});
  }
  std::vector<TensorSpec> actual;
  for (const TensorView& tensor : file->tensors()) actual.push_back({.name = tensor.name, .shape = tensor.shape});
  EXPECT_EQ(compare_tables(expected, actual).describe(), "");
}

TEST(SafetensorsFile, WritingCopiesAndNeverReachesTheFile) {
  const ScratchFolder folder;
  const std::string path = folder.put("a.safetensors", file_with_header(one_tensor("U8", "[2]", "[0,2]"), 2));
  const auto file = SafetensorsFile::open(path);
  const TensorView& tensor = file->at("a");
  file->writable_bytes(tensor)[1] = std::byte{7};
  EXPECT_EQ(tensor.bytes[1], std::byte{7});
  EXPECT_EQ(SafetensorsFile::open(path)->at("a").bytes[1], std::byte{0});
}

TEST(SafetensorsFile, NamesTheNearestTensor) {
  const ScratchFolder folder;
  const auto file = SafetensorsFile::open(folder.put(
      "a.safetensors", file_with_header(R"({"norm.weight":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})", 1)));
  EXPECT_EQ(file->find("norm.wieght"), nullptr);
  EXPECT_THAT(error_of([&] { (void)file->at("norm.wieght"); }),
              AllOf(HasSubstr("a.safetensors: expected a tensor 'norm.wieght'"), HasSubstr("'norm.weight'")));
}

TEST(SafetensorsFile, RefusesWhatIsNoFile) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { SafetensorsFile::open(folder / "none"); }), HasSubstr("a readable file"));
  EXPECT_THAT(error_of([&] { SafetensorsFile::open(folder.path()); }), HasSubstr("a folder"));
  EXPECT_THAT(error_of([&] { SafetensorsFile::open(folder.put("empty", "")); }), HasSubstr("got 0 bytes"));
  EXPECT_THAT(error_of([&] { SafetensorsFile::open(folder.put("text", "hello, I am a text")); }),
              HasSubstr("not a safetensors file"));
}

TEST(SafetensorsFile, EveryTruncationOfAGoldenIsRefused) {
  const std::string whole =
      read_text_file(FUSION_SOURCE_DIR "/parity/goldens/a_phi3_siglip_q4/model.safetensors", kMaxGoldenBytes);
  for (size_t size = 0; size < whole.size(); size += whole.size() / 97) {
    EXPECT_THROW(parse(std::string_view(whole).substr(0, size)), Error) << size;
  }
  EXPECT_NO_THROW(parse(whole));
}

/// Changes a few bytes of a file's head, where everything is that a reader believes.
std::string mutated(std::string file, size_t head, std::mt19937_64& random) {
  const auto below = [&random](size_t bound) { return static_cast<size_t>(random() % bound); };
  for (size_t change = 1 + below(4); change > 0; --change) {
    const size_t at = below(head);
    switch (below(4)) {
      case 0:
        file[at] = static_cast<char>(below(256));
        break;
      case 1:
        file[at] = "0123456789-.e[]{},:\""[below(20)];
        break;
      case 2:
        file.erase(at, 1 + below(8));
        break;
      default:
        file.insert(at, file.substr(below(head), 1 + below(40)));
    }
  }
  return file;
}

TEST(Safetensors, MutatedFilesAreReadOrRefusedAndNothingElse) {
  const std::string valid = file_with_header(
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
      R"("b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"c":{"dtype":"I64","shape":[],"data_offsets":[32,40]}})",
      40);
  std::mt19937_64 random(20240917);
  size_t read = 0;
  size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string file = mutated(valid, valid.size() - 40, random);
    try {
      const SafetensorsContent content = parse(file);
      for (const TensorView& tensor : content.tensors) {
        ASSERT_GE(tensor.bytes.data(), bytes_of(file).data());
        ASSERT_LE(tensor.bytes.data() + tensor.bytes.size(), bytes_of(file).data() + file.size());
        ASSERT_EQ(tensor_bytes(tensor.dtype, tensor.shape), tensor.bytes.size());
      }
      ++read;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 100u);
  EXPECT_GT(refused, 10'000u);
}

}  // namespace
}  // namespace fusion
