#include "foundation/http/url.h"

#include <algorithm>
#include <charconv>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

constexpr size_t kMaxUrl = 4096;

class Reader {
 public:
  Reader(std::string_view text, const std::string& who) : text_(text), rest_(text), who_(who) {}

  Url read() {
    if (text_.size() > kMaxUrl) fail(cat("at most ", kMaxUrl, " characters"));
    if (!std::ranges::all_of(text_, [](char c) { return c > ' ' && c < '\x7f'; })) {
      fail("an address without spaces, control characters or letters beyond ASCII");
    }
    if (text_.find('#') != std::string_view::npos) fail("an address without a fragment (#)");
    Url url{.tls = scheme()};
    const size_t end = std::min(rest_.find_first_of("/?"), rest_.size());
    const std::string_view authority = rest_.substr(0, end);
    if (authority.find('@') != std::string_view::npos) {
      throw Error({.who = who_,
                   .expected = "an address without a user name or a password",
                   .got = "one with '@'",
                   .hint = "keys belong in an environment variable"});
    }
    read_host(authority, url);
    url.target = rest_.substr(end);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    return url;
  }

 private:
  [[noreturn]] void fail(std::string expected) const {
    throw Error({.who = who_, .expected = std::move(expected), .got = cat('"', printable(text_), '"')});
  }

  bool scheme() {
    for (const std::string_view name : {"http://", "https://"}) {
      const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
      if (text_.size() < name.size() || !std::ranges::equal(text_.substr(0, name.size()), name, same)) continue;
      rest_.remove_prefix(name.size());
      return name == "https://";
    }
    fail("an address that begins with http:// or https://");
  }

  void read_host(std::string_view authority, Url& url) const {
    std::string_view port;
    if (authority.starts_with('[')) {
      const size_t close = authority.find(']');
      if (close == std::string_view::npos) fail("a ']' behind the IPv6 address");
      url.host = authority.substr(1, close - 1);
      port = authority.substr(close + 1);
      if (url.host.find(':') == std::string::npos ||
          url.host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string::npos) {
        fail("an IPv6 address in the brackets");
      }
    } else {
      const size_t colon = std::min(authority.find(':'), authority.size());
      url.host = authority.substr(0, colon);
      port = authority.substr(colon);
      const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_';
      };
      if (url.host.empty() || url.host.size() > 253 || !std::ranges::all_of(url.host, fits)) fail("the name of a host");
    }
    for (char& c : url.host) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    url.port = url.tls ? 443 : 80;
    if (!port.empty()) url.port = read_port(port);
  }

  uint16_t read_port(std::string_view text) const {
    uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data() + 1, end, port);
    if (text.front() != ':' || stop != end || code != std::errc() || port == 0) fail("a port from 1 to 65535");
    return port;
  }

  std::string_view text_;
  std::string_view rest_;
  const std::string& who_;
};

}  // namespace

std::string Url::authority() const {
  const bool brackets = host.find(':') != std::string::npos;
  return cat(brackets ? "[" : "", host, brackets ? "]:" : ":", port);
}

bool Url::same_origin(const Url& other) const {
  return tls == other.tls && host == other.host && port == other.port;
}

Url Url::with_path(std::string_view path) const {
  Url url = *this;
  url.target.resize(std::min(url.target.find('?'), url.target.size()));
  while (url.target.ends_with('/')) url.target.pop_back();
  url.target += path;
  return url;
}

Url parse_url(std::string_view text, const std::string& who) {
  return Reader(text, who).read();
}

}  // namespace fusion
