#pragma once
// For tests only: a server of OpenAI's API (tests/openai_server.py), and time that passes at once.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "foundation/core/text.h"
#include "foundation/http/http_client.h"
#include "workflows/synthesis/endpoints/endpoint.h"

namespace fusion {

/// Runs for as long as the object lives, and no longer than this program, however that ends.
class OpenAiServer {
 public:
  /// \param flags  of tests/openai_server.py
  explicit OpenAiServer(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"python3", "-S", FUSION_SOURCE_DIR "/tests/openai_server.py"});
    std::vector<char*> arguments;
    for (std::string& each : flags) arguments.push_back(each.data());
    arguments.push_back(nullptr);
    int in[2];
    int out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) fail();
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    const int code = ::posix_spawnp(&process_, "python3", &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    std::string line;
    for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) line += c;
    ::close(out[0]);
    if (code != 0 || line.empty()) fail();
    url_ = cat("http://127.0.0.1:", line, "/v1");
  }

  ~OpenAiServer() {
    ::close(input_);  // the server ends with its input
    ::waitpid(process_, nullptr, 0);
  }
  OpenAiServer(const OpenAiServer&) = delete;
  OpenAiServer& operator=(const OpenAiServer&) = delete;

  /// What a recipe calls base_url.
  const std::string& url() const { return url_; }
  /// {"calls": {"chat": N, "images": N}, "failed": {MODE: N}}
  nlohmann::json counts() const {
    return nlohmann::json::parse(HttpClient().send({.url = parse_url(url_ + "/counts", "url")}).body);
  }

 private:
  [[noreturn]] static void fail() {
    throw Error({.who = "tests/openai_server.py", .expected = "its port", .got = "nothing"});
  }

  pid_t process_ = -1;
  int input_ = -1;
  std::string url_;
};

/// Nobody waits: whoever wants to makes it later.
class FakeClock : public CallClock {
 public:
  double now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  int64_t unix_time() const override { return 1'700'000'000 + static_cast<int64_t>(now()); }
  bool wait_until(double time, const std::stop_token& stop) override {
    const std::lock_guard lock(mutex_);
    if (time > now_) waits_.push_back(time - now_);
    now_ = std::max(now_, time);
    return !stop.stop_requested();
  }
  /// Seconds of each wait.
  std::vector<double> waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }

 private:
  mutable std::mutex mutex_;
  double now_ = 1000;
  std::vector<double> waits_;
};

inline EndpointOptions options_for(const std::string& url) {
  EndpointOptions options;
  options.base_url = url;
  options.model = "test";
  options.timeout = 20;
  return options;
}

/// An endpoint for which no time passes.
struct TestEndpoint {
  explicit TestEndpoint(const EndpointOptions& options)
      : endpoint(std::make_shared<Endpoint>(options, EndpointTools{.clock = clock, .seed = 7})) {}

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<Endpoint> endpoint;
  Usage usage;
  std::stop_source stop;
  CallContext context{.stop = stop.get_token(), .usage = &usage};
};

}  // namespace fusion
