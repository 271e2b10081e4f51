#include "foundation/http/host_lookup.h"

#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "foundation/core/text.h"
#include "foundation/http/http_client.h"

namespace fusion {
namespace {

struct Lookup {
  std::mutex mutex = {};
  std::condition_variable_any changed = {};
  bool done = false;
  int code = 0;  ///< of getaddrinfo
  std::vector<HostAddress> addresses = {};
};

void search(const std::string& host, const std::string& port, Lookup& lookup) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  const std::lock_guard lock(lookup.mutex);
  lookup.code = code;
  for (const addrinfo* each = code == 0 ? found : nullptr; each != nullptr; each = each->ai_next) {
    HostAddress address{.size = each->ai_addrlen};
    std::memcpy(&address.bytes, each->ai_addr, each->ai_addrlen);
    lookup.addresses.push_back(address);
  }
  if (code == 0) ::freeaddrinfo(found);
  lookup.done = true;
  lookup.changed.notify_all();
}

}  // namespace

std::vector<HostAddress> look_up_host(const Url& url, std::chrono::steady_clock::time_point deadline,
                                      const std::stop_token& stop) {
  const auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host = url.host, port = cat(url.port)] { search(host, port, *lookup); }).detach();
  std::unique_lock lock(lookup->mutex);
  if (!lookup->changed.wait_until(lock, stop, deadline, [&] { return lookup->done; })) {
    if (stop.stop_requested()) {
      throw HttpError(HttpFailure::kStopped, {.who = url.authority(), .got = "a stop was asked for"});
    }
    throw HttpError(HttpFailure::kTimeout,
                    {.who = url.authority(), .expected = "the host's address in time", .got = "none"});
  }
  if (lookup->code != 0 || lookup->addresses.empty()) {
    throw HttpError(HttpFailure::kHost, {.who = url.authority(),
                                         .expected = "a host that is known",
                                         .got = ::gai_strerror(lookup->code),
                                         .hint = "check the address and the network"});
  }
  return std::move(lookup->addresses);
}

}  // namespace fusion
