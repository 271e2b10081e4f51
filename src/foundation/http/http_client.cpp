#include "foundation/http/http_client.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "foundation/core/text.h"
#include "foundation/http/host_lookup.h"

namespace fusion {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Time = std::chrono::steady_clock::time_point;

constexpr uint32_t kMaxHeaderBytes = 64 << 10;

Time time_in(double seconds) {
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
}

bool is_token(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}

/// Nothing that a caller passes in may begin a header of its own. Values are not shown: one of them may be a key.
void check_request(const HttpRequest& request) {
  const auto refuse = [&](std::string expected) {
    throw HttpError(HttpFailure::kRequest, {.who = request.url.authority(), .expected = std::move(expected)});
  };
  const auto control = [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; };
  if (!is_token(request.method)) refuse("a method of letters");
  const std::string line = request.url.host + request.url.target;
  if (!request.url.target.starts_with('/') ||
      std::ranges::any_of(line, [](unsigned char c) { return c <= ' ' || c >= 0x7f; })) {
    refuse("an address without spaces and line breaks");
  }
  for (const HttpHeader& header : request.headers) {
    if (!is_token(header.name)) refuse(cat("the name of a header, got \"", printable(header.name), '"'));
    if (std::ranges::any_of(header.value, control)) {
      refuse(cat("a value without line breaks and control characters for the header ", header.name));
    }
  }
}

HttpFailure failure_of(const error_code& code) {
  if (code == asio::error::connection_refused) return HttpFailure::kRefused;
  if (code == http::error::body_limit || code == http::error::header_limit || code == http::error::buffer_overflow) {
    return HttpFailure::kTooLarge;
  }
  if (code == http::error::end_of_stream || code == http::error::partial_message || code == asio::error::eof ||
      code == asio::error::connection_reset || code == asio::error::broken_pipe ||
      code == asio::error::connection_aborted || code == asio::ssl::error::stream_truncated) {
    return HttpFailure::kClosed;
  }
  if (code.category() == http::make_error_code(http::error::bad_version).category()) return HttpFailure::kGarbage;
  return HttpFailure::kConnect;
}

/// A connection and the thread that drives it are apart: each operation is posted to that thread and waited for here,
/// no longer than the call may take.
class Connection {
 public:
  Connection(asio::io_context& context, asio::ssl::context& tls, const Url& url)
      : context_(context), stream_(context, tls), url_(url) {}

  const Url& url() const { return url_; }

  void open(Time deadline, const std::stop_token& stop) {
    std::vector<tcp::endpoint> endpoints;
    for (const HostAddress& address : look_up_host(url_, deadline, stop)) {
      tcp::endpoint& endpoint = endpoints.emplace_back();
      endpoint.resize(address.size);
      std::memcpy(endpoint.data(), &address.bytes, address.size);
    }
    const auto connect = [&](auto done) { asio::async_connect(socket(), endpoints, std::move(done)); };
    if (const error_code code = wait_for(connect, deadline, stop, "a connection")) {
      const bool refused = failure_of(code) == HttpFailure::kRefused;
      throw HttpError(refused ? HttpFailure::kRefused : HttpFailure::kConnect,
                      {.who = url_.authority(),
                       .expected = "a connection",
                       .got = refused ? "nobody listening there" : code.message(),
                       .hint = refused ? "start the server, or check host and port" : ""});
    }
    error_code ignored;
    socket().set_option(tcp::no_delay(true), ignored);
    if (url_.tls) agree_on_keys(deadline, stop);
  }

  void write(const http::request<http::string_body>& message, Time deadline, const std::stop_token& stop) {
    const auto write = [&](auto done) {
      url_.tls ? http::async_write(stream_, message, std::move(done))
               : http::async_write(socket(), message, std::move(done));
    };
    if (const error_code code = wait_for(write, deadline, stop, "the request to be taken")) {
      throw HttpError(failure_of(code),
                      {.who = url_.authority(), .expected = "the request to be taken", .got = code.message()});
    }
  }

  /// \return whether the connection can be used again
  bool read(http::response_parser<http::string_body>& parser, bool& begun, Time deadline, const std::stop_token& stop) {
    boost::beast::flat_buffer buffer(2 * kMaxHeaderBytes);
    const auto read = [&](auto done) {
      url_.tls ? http::async_read(stream_, buffer, parser, std::move(done))
               : http::async_read(socket(), buffer, parser, std::move(done));
    };
    const error_code code = wait_for(read, deadline, stop, "the answer");
    begun = parser.got_some();
    if (code) refuse_answer(code, begun);
    return parser.keep_alive() && buffer.size() == 0;
  }

  /// Whether the server still keeps it: an idle one has nothing to say but that it goes.
  bool usable() {
    char byte = 0;
    return ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }

 private:
  tcp::socket& socket() { return stream_.next_layer(); }

  void agree_on_keys(Time deadline, const std::stop_token& stop) {
    error_code not_an_address;
    asio::ip::make_address(url_.host, not_an_address);
    if (not_an_address) SSL_set_tlsext_host_name(stream_.native_handle(), url_.host.c_str());
    stream_.set_verify_callback(asio::ssl::host_name_verification(url_.host));
    const auto handshake = [&](auto done) { stream_.async_handshake(asio::ssl::stream_base::client, std::move(done)); };
    const error_code code = wait_for(handshake, deadline, stop, "agreement on keys");
    if (!code) return;
    const long verdict = SSL_get_verify_result(stream_.native_handle());
    throw HttpError(HttpFailure::kTls, {.who = url_.authority(),
                                        .expected = "a TLS connection with a certificate that holds for the host",
                                        .got = code.message(),
                                        .cause = verdict == X509_V_OK ? "" : X509_verify_cert_error_string(verdict)});
  }

  [[noreturn]] void refuse_answer(const error_code& code, bool begun) {
    const HttpFailure failure = failure_of(code);
    std::string got = code.message();
    if (failure == HttpFailure::kClosed) {
      got = begun ? "half of one: the server closed the connection" : "none: the server closed the connection";
    } else if (failure == HttpFailure::kTooLarge) {
      got = "one that is too large";
    } else if (failure == HttpFailure::kGarbage) {
      got = cat("something else (", code.message(), ")");
    }
    throw HttpError(failure, {.who = url_.authority(), .expected = "an HTTP answer", .got = std::move(got)});
  }

  /// The outcome of the operation that `start` begins. When the time is up, or a stop is asked for, the socket is
  /// closed, which ends the operation, and an HttpError is thrown.
  template <class Start>
  error_code wait_for(const Start& start, Time deadline, const std::stop_token& stop, const char* expected) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::optional<error_code> outcome;
    const auto ended = [&] { return outcome.has_value(); };
    asio::post(context_, [&] {
      start([&](const error_code& code, auto&&...) {
        const std::lock_guard lock(mutex);
        outcome = code;
        changed.notify_all();
      });
    });
    std::unique_lock lock(mutex);
    if (changed.wait_until(lock, stop, deadline, ended)) return *outcome;
    // Both have to be over before this object may go: the operation may end by itself just now.
    bool closed = false;
    asio::post(context_, [&] {
      error_code ignored;
      socket().close(ignored);
      const std::lock_guard closing(mutex);
      closed = true;
      changed.notify_all();
    });
    changed.wait(lock, [&] { return closed && ended(); });
    if (stop.stop_requested()) {
      throw HttpError(HttpFailure::kStopped, {.who = url_.authority(), .got = "a stop was asked for"});
    }
    throw HttpError(HttpFailure::kTimeout,
                    {.who = url_.authority(), .expected = cat(expected, " in time"), .got = "none"});
  }

  asio::io_context& context_;
  asio::ssl::stream<tcp::socket> stream_;
  Url url_;
};

http::request<http::string_body> message_of(const HttpRequest& request) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.url.target);
  for (const HttpHeader& header : request.headers) message.insert(header.name, header.value);
  const bool usual_port = request.url.port == (request.url.tls ? 443 : 80);
  const std::string authority = request.url.authority();
  message.set(http::field::host, usual_port ? authority.substr(0, authority.rfind(':')) : authority);
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

HttpResponse response_of(http::response<http::string_body>&& message) {
  HttpResponse response{.status = static_cast<int>(message.result_int())};
  for (const auto& field : message) {
    response.headers.push_back({.name = std::string(field.name_string()), .value = std::string(field.value())});
  }
  response.body = std::move(message.body());
  return response;
}

}  // namespace

class HttpClient::Pool {
 public:
  explicit Pool(const HttpClientOptions& options) : max_idle_(options.max_idle) {
    tls_.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                     asio::ssl::context::no_tlsv1_1);
    tls_.set_verify_mode(asio::ssl::verify_peer);
    error_code code;
    if (!options.ca_file.empty() && tls_.load_verify_file(options.ca_file, code)) {
      throw Error({.who = options.ca_file, .expected = "a PEM file of certificates", .got = code.message()});
    }
    authorities_known_ = !options.ca_file.empty();
    thread_ = std::thread([this] { context_.run(); });
  }

  ~Pool() {
    work_.reset();
    idle_.clear();
    thread_.join();
  }

  HttpResponse send(const HttpRequest& request, const std::stop_token& stop) {
    check_request(request);
    const Time deadline = time_in(request.limits.total_seconds);
    if (std::unique_ptr<Connection> kept = take(request.url)) {
      bool begun = false;
      try {
        return call(std::move(kept), request, deadline, stop, begun);
      } catch (const HttpError& error) {
        // The server may have closed it while it was idle, which shows when it is used.
        if (error.failure() != HttpFailure::kClosed || begun) throw;
      }
    }
    if (request.url.tls) know_authorities();
    auto connection = std::make_unique<Connection>(context_, tls_, request.url);
    connection->open(std::min(deadline, time_in(request.limits.connect_seconds)), stop);
    bool begun = false;
    return call(std::move(connection), request, deadline, stop, begun);
  }

  size_t idle() {
    const std::lock_guard lock(mutex_);
    return idle_.size();
  }

 private:
  /// \param begun  set where any of the answer has come
  HttpResponse call(std::unique_ptr<Connection> connection, const HttpRequest& request, Time deadline,
                    const std::stop_token& stop, bool& begun) {
    connection->write(message_of(request), deadline, stop);
    http::response_parser<http::string_body> parser;
    parser.header_limit(kMaxHeaderBytes);
    parser.body_limit(request.limits.max_body_bytes);
    if (request.method == "HEAD") parser.skip(true);
    if (connection->read(parser, begun, deadline, stop)) keep(std::move(connection));
    return response_of(parser.release());
  }

  std::unique_ptr<Connection> take(const Url& url) {
    const std::lock_guard lock(mutex_);
    for (;;) {
      const auto last =
          std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& each) { return each->url().same_origin(url); });
      if (last == idle_.rend()) return nullptr;
      std::unique_ptr<Connection> connection = std::move(*last);
      idle_.erase(std::next(last).base());
      if (connection->usable()) return connection;
    }
  }

  /// The system's authorities take a twentieth of a second to read: only who speaks TLS waits for them.
  void know_authorities() {
    const std::lock_guard lock(mutex_);
    error_code ignored;  // without them no certificate holds, which says enough
    if (!authorities_known_) tls_.set_default_verify_paths(ignored);
    authorities_known_ = true;
  }

  void keep(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    if (max_idle_ == 0) return;
    if (idle_.size() == max_idle_) idle_.erase(idle_.begin());
    idle_.push_back(std::move(connection));
  }

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(context_);
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  bool authorities_known_ = false;
  size_t max_idle_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  ///< the one used last stands last
  std::thread thread_;
};

std::string_view HttpResponse::header(std::string_view name) const {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (const HttpHeader& each : headers) {
    if (std::ranges::equal(each.name, name, {}, lower, lower)) return each.value;
  }
  return {};
}

HttpClient::HttpClient(const HttpClientOptions& options) : pool_(std::make_unique<Pool>(options)) {}

HttpClient::~HttpClient() = default;

HttpResponse HttpClient::send(const HttpRequest& request, std::stop_token stop) const {
  return pool_->send(request, stop);
}

size_t HttpClient::idle_connections() const {
  return pool_->idle();
}

}  // namespace fusion
