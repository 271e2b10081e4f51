#pragma once
// Finding a host's addresses without waiting longer than the caller may.

#include <netinet/in.h>

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "foundation/http/url.h"

namespace fusion {

/// One address of a server; its port is in it.
struct HostAddress {
  sockaddr_storage bytes = {};
  socklen_t size = 0;
};

/// The addresses of the URL's host, best first; at least one. Throws HttpError where nobody knows it, where the time is
/// up and where a stop is asked for, at once: the system's own search, which nothing can interrupt, is left to end by
/// itself.
std::vector<HostAddress> look_up_host(const Url& url, std::chrono::steady_clock::time_point deadline,
                                      const std::stop_token& stop);

}  // namespace fusion
