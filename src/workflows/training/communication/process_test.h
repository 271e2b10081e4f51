#pragma once
// For tests only: a test program that starts copies of itself as the processes of a run.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

extern char** environ;

namespace fusion {

/// What one process of a run does; `arguments` as given to run_processes().
using Worker = std::function<void(const std::vector<std::string>& arguments)>;

/// How a process ended.
struct EndedProcess {
  int status = 0;           ///< exit status, or minus the signal that ended it
  std::string output = {};  ///< stdout and stderr
  double seconds = 0;       ///< from the start of the run
};

/// A listening socket at a free port of 127.0.0.1.
class Listener {
 public:
  Listener() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (socket_ < 0 || bind(socket_, generic, size) != 0 || getsockname(socket_, generic, &size) != 0 ||
        listen(socket_, 8) != 0) {
      throw std::runtime_error("no free port");
    }
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

/// main() of such a test program: runs a worker where it was started as one, else the tests. A worker that throws an
/// Error writes it and ends with status 1.
inline int test_main(int argc, char** argv, const std::map<std::string, Worker>& workers) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2 || arguments[0] != "--worker") {
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
  }
  try {
    workers.at(arguments[1])({arguments.begin() + 2, arguments.end()});
    return 0;
  } catch (const Error& error) {
    std::cout << error.what() << '\n';
    return 1;
  }
}

/// Starts a program with these environment variables besides the present ones; its output goes to a file.
inline pid_t start_process(std::vector<std::string> command, const std::map<std::string, std::string>& variables,
                           const std::string& output_file) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!variables.contains(text.substr(0, text.find('=')))) environment.push_back(text);
  }
  for (const auto& [name, value] : variables) environment.push_back(cat(name, "=", value));
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
  };
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, output_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t process = 0;
  const int problem = posix_spawn(&process, command.front().c_str(), &files, nullptr, pointers(command).data(),
                                  pointers(environment).data());
  posix_spawn_file_actions_destroy(&files);
  if (problem != 0) throw std::runtime_error(command.front() + " could not be started");
  return process;
}

/// What one process is to run.
struct Launch {
  std::vector<std::string> command = {};
  std::map<std::string, std::string> variables = {};
};

/// Runs processes side by side and waits for them. One that takes longer than a minute is killed, and so are those that
/// stopped (SIGSTOP) when only they are left.
inline std::vector<EndedProcess> run_all(const std::vector<Launch>& launches) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto folder =
      std::filesystem::path(testing::TempDir()) / cat("fusion_processes_", getpid(), "_", Listener().port());
  std::filesystem::create_directories(folder);
  std::vector<pid_t> processes;
  processes.reserve(launches.size());
  for (const Launch& launch : launches) {
    processes.push_back(start_process(launch.command, launch.variables, folder / cat(processes.size())));
  }
  std::vector<EndedProcess> ended(processes.size());
  size_t running = processes.size();
  size_t stopped = 0;
  while (running > 0) {
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    const bool give_up = elapsed.count() > 60 || running == stopped;
    for (size_t i = 0; i < processes.size(); ++i) {
      if (processes[i] == 0) continue;
      if (give_up) kill(processes[i], SIGKILL);
      int status = 0;
      if (waitpid(processes[i], &status, WNOHANG | WUNTRACED) != processes[i]) continue;
      if (WIFSTOPPED(status)) {
        ++stopped;
        continue;
      }
      processes[i] = 0;
      --running;
      ended[i].status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
      ended[i].seconds = elapsed.count();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  for (size_t i = 0; i < ended.size(); ++i) {
    std::ostringstream text;
    text << std::ifstream(folder / cat(i)).rdbuf();
    ended[i].output = text.str();
  }
  std::filesystem::remove_all(folder);
  return ended;
}

/// Runs a worker as `world_size` processes of one thread each, with the variables of a launcher.
/// \param overrides  variables of every process, over the launcher's
inline std::vector<EndedProcess> run_processes(const std::string& worker, int world_size,
                                               const std::vector<std::string>& arguments = {},
                                               const std::map<std::string, std::string>& overrides = {}) {
  const int port = Listener().port();  // free again, and not soon given to others
  std::vector<Launch> launches;
  for (int rank = 0; rank < world_size; ++rank) {
    Launch& launch = launches.emplace_back();
    launch.command = {"/proc/self/exe", "--worker", worker};
    launch.command.insert(launch.command.end(), arguments.begin(), arguments.end());
    launch.variables = overrides;
    launch.variables.merge(std::map<std::string, std::string>{{"RANK", cat(rank)},
                                                              {"WORLD_SIZE", cat(world_size)},
                                                              {"LOCAL_RANK", cat(rank)},
                                                              {"MASTER_ADDR", "127.0.0.1"},
                                                              {"MASTER_PORT", cat(port)},
                                                              {"OMP_NUM_THREADS", "1"},
                                                              {"TORCHELASTIC_USE_AGENT_STORE", ""}});
  }
  return run_all(launches);
}

}  // namespace fusion
