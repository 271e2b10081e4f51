#pragma once
// Calls to HTTP/1.1 servers. No header of the library behind it shows here.
//
//     const HttpClient client;
//     const HttpResponse response = client.send({.method = "POST",
//                                                .url = parse_url("http://localhost:8000/v1/chat/completions", "url"),
//                                                .headers = {{"Content-Type", "application/json"}},
//                                                .body = "{}"});

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/http/url.h"

namespace fusion {

struct HttpHeader {
  std::string name;
  std::string value;
};

/// What one call may cost.
struct HttpLimits {
  double connect_seconds = 10;                   ///< to find the host, connect and agree on keys
  double total_seconds = 120;                    ///< for all of the call
  uint64_t max_body_bytes = uint64_t{16} << 20;  ///< of the answer
};

struct HttpRequest {
  std::string method = "GET";
  Url url = {};
  std::vector<HttpHeader> headers = {};  ///< Host and Content-Length are written by the client
  std::string body = {};
  HttpLimits limits = {};
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers = {};
  std::string body = {};

  /// The first header of that name, in capitals or not; "" where there is none.
  std::string_view header(std::string_view name) const;
};

enum class HttpFailure {
  kRequest,   ///< it cannot be sent: a header with a line break
  kHost,      ///< nobody knows the host
  kRefused,   ///< nobody listens there
  kConnect,   ///< another reason why there is no connection
  kTls,       ///< no agreement on keys, or a certificate that does not hold
  kTimeout,   ///< the time is up
  kClosed,    ///< the connection broke off before the answer was there
  kTooLarge,  ///< the answer passes a limit
  kGarbage,   ///< what came is no HTTP
  kStopped,   ///< a stop was asked for
};

/// Why there is no answer. The message names "HOST:PORT".
class HttpError : public Error {
 public:
  HttpError(HttpFailure failure, ErrorParts parts) : Error(std::move(parts)), failure_(failure) {}
  HttpFailure failure() const { return failure_; }

 private:
  HttpFailure failure_;
};

struct HttpClientOptions {
  std::string ca_file = {};  ///< PEM file of the authorities to believe; "": the system's
  size_t max_idle = 64;      ///< connections kept open for the next call
};

/// Any number of threads may send at once. Connections are kept and used again. Certificates are checked; redirects are
/// not followed, so that a key goes to no other server. A request is sent a second time only where a kept connection
/// turns out to be closed before any of an answer came.
class HttpClient {
 public:
  /// Throws Error where the CA file cannot be read.
  explicit HttpClient(const HttpClientOptions& options = {});
  ~HttpClient();

  /// The answer, whatever its status. Blocks; asked for a stop it gives up at once. Throws HttpError.
  HttpResponse send(const HttpRequest& request, std::stop_token stop = {}) const;
  /// Connections that wait for a next call.
  size_t idle_connections() const;

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace fusion
