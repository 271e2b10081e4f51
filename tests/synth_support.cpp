#include "tests/synth_support.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "foundation/config/input_file.h"
#include "foundation/config/output_file.h"

namespace fusion {

namespace fs = std::filesystem;

std::string SynthTest::recipe(const std::string& name, const std::function<void(nlohmann::json&)>& edit) const {
  nlohmann::json json = {{"items", 60},
                         {"seed", 3},
                         {"kinds_per_picture", 2},
                         {"render", {{"width", 64}, {"height", 64}}},
                         {"export", {{"validation", 0.1}, {"test", 0.1}}}};
  if (edit) edit(json);
  return folder_.put(name + ".yaml", json.dump(2));
}

Words SynthTest::synth(const std::string& recipe, const std::string& out, const Words& more) {
  Words words{"synth", recipe, "--out", out, "--threads", "1"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

ProgramResult SynthTest::run_to_end(const Words& words) {
  ProgramResult result = run_fusion(words, {.timeout = std::chrono::minutes(1)});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result;
}

nlohmann::json SynthTest::status(const std::string& out) {
  const ProgramResult result = run_fusion({"synth", "status", out, "--json"});
  return result.exit_code == 0 ? nlohmann::json::parse(result.out) : nlohmann::json(nullptr);
}

nlohmann::json SynthTest::wait_for_kept(const std::string& out, int64_t kept) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    nlohmann::json now = status(out);
    if (now.is_object() && now["kept"] >= kept) return now;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ADD_FAILURE() << "fewer than " << kept << " conversations after 20 seconds";
  return {};
}

int64_t failed_items(const nlohmann::json& status) {
  int64_t failed = 0;
  for (const auto& stage : status.at("stages")) failed += stage.at("failed").get<int64_t>();
  return failed;
}

std::vector<nlohmann::json> records_of(const std::string& out) {
  std::vector<nlohmann::json> records;
  for (const char* part : {"train", "validation", "test"}) {
    std::ifstream file(out + "/data/" + part + ".jsonl");
    for (std::string line; std::getline(file, line);) records.push_back(nlohmann::json::parse(line));
  }
  return records;
}

std::map<std::string, std::string> data_files(const std::string& out) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    const std::string name = fs::relative(entry.path(), out).generic_string();
    const bool data = name.starts_with("data/") || name.starts_with("images/") || name.ends_with(".yaml");
    if (data && entry.is_regular_file()) files.emplace(name, read_text_file(entry.path().string(), 1 << 24));
  }
  return files;
}

std::vector<std::string> pictures_of(const std::string& out) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(out + "/images")) {
    if (entry.is_regular_file()) names.push_back(fs::relative(entry.path(), out).generic_string());
  }
  return names;
}

}  // namespace fusion
