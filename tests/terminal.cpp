#include "tests/terminal.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "foundation/core/error.h"

namespace fusion {

Terminal::Terminal(const std::vector<std::string>& arguments, const Variables& variables) {
  Variables all{{"TERM", "xterm"}, {"LC_ALL", "C.UTF-8"}};
  all.insert(all.end(), variables.begin(), variables.end());
  std::vector<std::string> words{FUSION_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = environment_with(all);
  const auto argv = pointers_to(words);
  const auto envp = pointers_to(environment);
  const winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
  program_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
  if (program_ == 0) {
    ::execve(FUSION_PROGRAM, argv.data(), envp.data());
    ::_exit(127);
  }
  if (program_ < 0) throw Error({.who = "forkpty", .expected = "a terminal", .got = "none"});
}

Terminal::~Terminal() {
  if (program_ > 0) {
    ::kill(program_, SIGKILL);
    ::waitpid(program_, nullptr, 0);
  }
  ::close(terminal_);
}

void Terminal::type(std::string_view keys) const {
  EXPECT_EQ(::write(terminal_, keys.data(), keys.size()), std::ssize(keys));
}

bool Terminal::receive() {
  constexpr int kPatience = 20'000;
  pollfd stream{.fd = terminal_, .events = POLLIN, .revents = 0};
  std::array<char, 4096> buffer;
  silent_ = ::poll(&stream, 1, kPatience) <= 0;
  const ssize_t count = !silent_ ? ::read(terminal_, buffer.data(), buffer.size()) : 0;
  if (count > 0) shown_.append(buffer.data(), static_cast<size_t>(count));
  return count > 0;
}

std::string Terminal::wait_for(const std::string& text) {
  size_t place = shown_.find(text);
  while (place == std::string::npos) {
    if (!receive()) {
      ADD_FAILURE() << "waiting for " << ::testing::PrintToString(text) << ", shown: " << shown_;
      throw Error({.who = "terminal", .expected = text, .got = "the end, or silence"});
    }
    place = shown_.find(text);
  }
  const std::string result = shown_.substr(0, place + text.size());
  shown_.erase(0, result.size());
  return result;
}

int Terminal::wait_for_end() {
  while (receive()) {
  }
  if (silent_) ::kill(program_, SIGKILL);
  int status = 0;
  ::waitpid(program_, &status, 0);
  program_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace fusion
