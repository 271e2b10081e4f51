#pragma once
// Addresses of HTTP servers.

#include <cstdint>
#include <string>
#include <string_view>

namespace fusion {

/// http://HOST[:PORT][/PATH][?QUERY] or the same with https.
struct Url {
  bool tls = false;
  std::string host = {};  ///< lower case; an IPv6 address without its brackets
  uint16_t port = 0;
  std::string target = {};  ///< path and query: "/v1/models?page=2"; begins with a slash

  /// "HOST:PORT", with brackets around an IPv6 address: what errors call the server.
  std::string authority() const;
  /// Whether the other address is at the same server, spoken to in the same way.
  bool same_origin(const Url& other) const;
  /// This address with `path` behind its own: "https://a/v1/" and "/models" make "https://a/v1/models". A query falls.
  Url with_path(std::string_view path) const;
};

/// Throws Error about `who` on another scheme, a missing or malformed host, a port outside 1..65535, a user name or a
/// password (they would end up in logs), a fragment, and on any character that could not stand in a request's line.
Url parse_url(std::string_view text, const std::string& who);

}  // namespace fusion
