#pragma once
// For tests only: a server on the loopback that answers with whatever bytes it is told to.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

/// What a server says to one that has connected. It ends with the object.
class Peer {
 public:
  Peer(int socket, const std::atomic<bool>& ending) : socket_(socket), ending_(ending) {}
  ~Peer() {
    ::shutdown(socket_, SHUT_RDWR);
    ::close(socket_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  int socket() const { return socket_; }
  /// The next request with its body, or "" where the other side has gone.
  std::string read_request() {
    std::string text;
    char buffer[4096];
    while (!is_whole(text)) {
      const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
      if (got <= 0) return "";
      text.append(buffer, static_cast<size_t>(got));
    }
    return text;
  }
  /// \return whether the other side is still there
  bool write(std::string_view text) const {
    while (!text.empty() && !ending_) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<size_t>(sent));
    }
    return !ending_;
  }
  /// Says nothing until the other side goes, or the server ends.
  void hold() const {
    char byte = 0;
    (void)::recv(socket_, &byte, 1, 0);
  }

 private:
  static bool is_whole(const std::string& text) {
    const size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const size_t length = text.find("Content-Length: ");
    const size_t body = length < end ? std::strtoull(text.c_str() + length + 16, nullptr, 10) : 0;
    return text.size() >= end + 4 + body;
  }

  int socket_;
  const std::atomic<bool>& ending_;
};

class RawServer {
 public:
  /// `serve` is called once for each connection, by a thread of its own.
  explicit RawServer(std::function<void(Peer&)> serve, int family = AF_INET) : serve_(std::move(serve)) {
    listener_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 address{};
    socklen_t size = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    if (family == AF_INET6) {
      address.sin6_family = AF_INET6;
      address.sin6_addr = in6addr_loopback;
    } else {
      auto& four = reinterpret_cast<sockaddr_in&>(address);
      four.sin_family = AF_INET;
      four.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    }
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || ::bind(listener_, any, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, any, &size) != 0) {
      throw Error({.who = "test server", .expected = "to listen on the loopback", .got = "no socket"});
    }
    port_ = ::ntohs(address.sin6_port);
    accepter_ = std::thread([this] { accept_all(); });
  }

  ~RawServer() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    accepter_.join();
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    for (std::thread& each : threads_) each.join();
    for (const int socket : sockets_) ::close(socket);
    ::close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  uint16_t port() const { return port_; }
  std::string url() const { return cat("http://127.0.0.1:", port_); }
  size_t connections() const { return connections_; }

 private:
  void accept_all() {
    for (;;) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      sockets_.push_back(::dup(socket));
      ++connections_;
      threads_.emplace_back([this, socket] {
        Peer peer(socket, ending_);
        serve_(peer);
      });
    }
  }

  std::function<void(Peer&)> serve_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> ending_ = false;
  std::atomic<size_t> connections_ = 0;
  std::vector<int> sockets_;  ///< second descriptors, so that none is closed while it is used
  std::vector<std::thread> threads_;
  std::thread accepter_;
};

/// The simplest whole answer.
inline std::string http_answer(std::string_view body, std::string_view status = "200 OK", std::string_view more = "") {
  return cat("HTTP/1.1 ", status, "\r\nContent-Length: ", body.size(), "\r\n", more, "\r\n", body);
}

}  // namespace fusion
