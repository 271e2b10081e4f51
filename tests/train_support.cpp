#include "tests/train_support.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "foundation/config/output_file.h"

namespace fusion {

namespace {

/// A TCP port that nobody listens at.
std::string free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return std::to_string(ntohs(address.sin_port));
}

}  // namespace

std::vector<nlohmann::json> steps_of(const std::string& run) {
  std::vector<nlohmann::json> steps;
  std::ifstream file(run + "/metrics.jsonl");
  for (std::string line; std::getline(file, line);) {
    nlohmann::json step = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (step.is_discarded() || step.at("kind") != "step") continue;
    step.erase("seconds");
    step.erase("memory_bytes");
    steps.push_back(std::move(step));
  }
  return steps;
}

std::string TrainTest::config(const std::string& output, const std::function<void(nlohmann::json&)>& edit) const {
  nlohmann::json json = {{"model", model()},
                         {"output", folder_ / output},
                         {"steps", 6},
                         {"batch_size", 4},
                         {"micro_batch_size", 1},
                         {"query_lengths", {4, 16}},
                         {"tensorboard", false},
                         {"data", {{"mixture", source_path("examples/data/tiny/mixture.yaml")}}},
                         {"optimizer", {{"learning_rate", 1e-3}}},
                         {"checkpoints", {{"every", 2}, {"keep", 2}}}};
  if (edit) edit(json);
  const std::string path = folder_ / (output + ".yaml");
  write_text_file(path, json.dump(2));
  return path;
}

std::vector<ProgramResult> TrainTest::train_together(const std::string& path, int processes,
                                                     const ProgramOptions& of_last) {
  const std::string port = free_port();
  std::vector<ProgramResult> results(processes);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < processes; ++rank) {
    threads.emplace_back([&, rank] {
      ProgramOptions options = rank == processes - 1 ? of_last : in_minutes(2);
      options.variables = {{"RANK", std::to_string(rank)},
                           {"WORLD_SIZE", std::to_string(processes)},
                           {"MASTER_ADDR", "127.0.0.1"},
                           {"MASTER_PORT", port}};
      results[rank] = run_fusion(train(path), options);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

void TrainTest::expect_refused(const std::string& path, const Words& parts) {
  Words words = train(path);
  words.emplace_back("--quiet");
  expect_failure(words, parts);
}

}  // namespace fusion
