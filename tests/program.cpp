#include "tests/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <limits>

#include "foundation/core/error.h"

extern char** environ;

namespace fusion {

namespace {

using Clock = std::chrono::steady_clock;

void require(bool done, const char* what) {
  if (!done) throw Error({.who = what, .expected = "to work", .got = std::strerror(errno)});
}

/// Closes its descriptor once.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  bool open() const { return number_ >= 0; }
  void close() {
    if (open()) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  static std::array<int, 2> make() {
    std::array<int, 2> ends{};
    require(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe");
    return ends;
  }
  explicit Pipe(const std::array<int, 2>& ends = make()) : reading(ends[0]), writing(ends[1]) {}

  Descriptor reading;
  Descriptor writing;
};

/// What the child does between being made and becoming `fusion`.
class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  void open(int target, const char* path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, target, path, flags, 0600);
  }
  void connect(int target, const Descriptor& source) {
    posix_spawn_file_actions_adddup2(&actions_, source.number(), target);
  }
  void close(int target) { posix_spawn_file_actions_addclose(&actions_, target); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// Until it goes away, programs that are started can map so many bytes. This one too: it must not be the larger.
class MemoryLimit {
 public:
  explicit MemoryLimit(std::optional<uint64_t> bytes) {
    require(::getrlimit(RLIMIT_AS, &before_) == 0, "getrlimit");
    const rlimit limit{.rlim_cur = std::min(bytes.value_or(before_.rlim_cur), before_.rlim_max),
                       .rlim_max = before_.rlim_max};
    require(::setrlimit(RLIMIT_AS, &limit) == 0, "setrlimit");
  }
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &before_); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  rlimit before_{};
};

/// A file in memory that holds `text`, to be read from its beginning.
int file_of(const std::string& text) {
  const int file = ::memfd_create("input", MFD_CLOEXEC);
  require(file >= 0 && ::write(file, text.data(), text.size()) == std::ssize(text) && ::lseek(file, 0, SEEK_SET) == 0,
          "memfd_create");
  return file;
}

pid_t start(const std::vector<std::string>& arguments, const ProgramOptions& options, Pipe& out, Pipe& err) {
  const Descriptor input(file_of(options.input));
  SpawnActions actions;
  actions.connect(STDIN_FILENO, input);
  actions.connect(STDERR_FILENO, err.writing);
  if (!options.stdout_path) {
    actions.connect(STDOUT_FILENO, out.writing);
  } else if (options.stdout_path->empty()) {
    actions.close(STDOUT_FILENO);
  } else {
    actions.open(STDOUT_FILENO, options.stdout_path->c_str(), O_WRONLY | O_CREAT | O_TRUNC);
  }
  std::vector<std::string> words{FUSION_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_with(options.variables);
  pid_t child = 0;
  const MemoryLimit limit(options.memory_bytes);
  errno = ::posix_spawn(&child, FUSION_PROGRAM, actions.get(), nullptr, pointers_to(words).data(),
                        pointers_to(variables).data());
  require(errno == 0, FUSION_PROGRAM);
  if (options.file_bytes) {
    // Set from outside and for that program alone: it opens no file within its first moments.
    const rlimit files{.rlim_cur = *options.file_bytes, .rlim_max = *options.file_bytes};
    require(::prlimit(child, RLIMIT_FSIZE, &files, nullptr) == 0, "prlimit");
  }
  out.writing.close();
  err.writing.close();
  return child;
}

/// Takes what has arrived, `limit` bytes in all at most; closes the pipe at its end or at the limit.
void receive(Descriptor& from, std::string& into, size_t limit) {
  std::array<char, 1 << 14> buffer;
  const ssize_t count = ::read(from.number(), buffer.data(), std::min(buffer.size(), limit - into.size()));
  if (count > 0) into.append(buffer.data(), static_cast<size_t>(count));
  if (count <= 0 || into.size() >= limit) from.close();
}

/// Reads both streams until the program ends them. False: the time is up.
bool read_streams(pid_t child, Pipe& out, Pipe& err, const ProgramOptions& options, ProgramResult& result) {
  const auto deadline = Clock::now() + options.timeout;
  bool signalled = false;
  bool spoken = false;
  while (out.reading.open() || err.reading.open()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    std::array<pollfd, 2> streams{pollfd{.fd = out.reading.number(), .events = POLLIN, .revents = 0},
                                  pollfd{.fd = err.reading.number(), .events = POLLIN, .revents = 0}};
    if (::poll(streams.data(), streams.size(), static_cast<int>(left)) <= 0) continue;
    constexpr size_t kAll = std::numeric_limits<size_t>::max();
    if (streams[0].revents != 0) receive(out.reading, result.out, options.stdout_bytes.value_or(kAll));
    if (options.signal_at_output && !signalled && !result.out.empty()) {
      signalled = true;
      ::kill(child, *options.signal_at_output);
    }
    if (streams[1].revents != 0) receive(err.reading, result.err, kAll);
    if (!spoken && !result.err.empty()) {
      spoken = true;
      if (options.at_message) options.at_message();
      if (options.signal_at_message) ::kill(child, *options.signal_at_message);
    }
  }
  return true;
}

}  // namespace

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const Variables& variables) {
  Variables all{{"FUSION_CONFIG", ""}};
  all.insert(all.end(), variables.begin(), variables.end());
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) result.emplace_back(*entry);
  for (const auto& [name, value] : all) {
    const std::string beginning = name + "=";
    std::erase_if(result, [&](const std::string& entry) { return entry.starts_with(beginning); });
    result.push_back(beginning + value);
  }
  return result;
}

ProgramResult run_fusion(const std::vector<std::string>& arguments, const ProgramOptions& options) {
  Pipe out;
  Pipe err;
  const pid_t child = start(arguments, options, out, err);
  ProgramResult result;
  result.killed = !read_streams(child, out, err, options, result);
  if (result.killed) ::kill(child, SIGKILL);
  int status = 0;
  rusage usage{};
  require(::wait4(child, &status, 0, &usage) == child, "wait4");
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  result.peak_bytes = int64_t{usage.ru_maxrss} * 1024;
  return result;
}

}  // namespace fusion
