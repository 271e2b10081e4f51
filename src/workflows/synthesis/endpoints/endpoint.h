#pragma once
// One server behind an OpenAI-compatible API: its key, its limits, and what is done where a call fails.
//
// A call is made again, later and later, after time-outs, broken connections, answers that are not what was asked for,
// and the statuses 408, 409, 425, 429 and 5xx; a Retry-After holds for all calls. Other statuses are final. What is
// given up throws CallFailed, or ProviderUnusable where no call can be expected to succeed: the first calls find nobody
// there or are refused (401, 403, 404), or max_failures_in_a_row of them were given up without one that succeeded
// between them.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "foundation/http/http_client.h"
#include "workflows/synthesis/endpoints/call_clock.h"
#include "workflows/synthesis/endpoints/endpoint_options.h"
#include "workflows/synthesis/endpoints/rate_limit.h"
#include "workflows/synthesis/items/roles.h"

namespace fusion {

/// What an endpoint needs besides its recipe. A test replaces it.
struct EndpointTools {
  std::shared_ptr<const HttpClient> client = std::make_shared<HttpClient>();
  std::shared_ptr<CallClock> clock = real_clock();
  uint64_t seed = 0;  ///< of the run
};

/// Any number of threads may call.
class Endpoint {
 public:
  /// Throws Error where the key's variable is missing (endpoint_key).
  explicit Endpoint(const EndpointOptions& options, EndpointTools tools = {});

  const EndpointOptions& options() const { return options_; }
  uint64_t seed() const { return tools_.seed; }

  /// Hands the JSON of an answer over; throws Error where it is not as it should be: then the call is made again.
  using Accept = std::function<void(const nlohmann::json&)>;

  /// POST of `body` to base_url + `path`. Counts retries; calls, tokens and cost are the caller's to count. A server
  /// that wants max_completion_tokens in place of max_tokens, as OpenAI's newer models do, says so with status 400: it
  /// gets that from then on.
  /// \param stream  tells the calls of a run apart: the random part of their waiting is drawn from it
  /// \param max_bytes  of the answer
  void post(std::string_view path, nlohmann::ordered_json body, uint64_t stream, uint64_t max_bytes,
            const Accept& accept, const CallContext& context);

  /// A picture that an answer pointed to. Throws Error unless it lies on the same server, which gets no key with it.
  std::string download(const std::string& url, uint64_t max_bytes, const CallContext& context) const;

  /// For an answer that came and was of no use, however often it was asked for: throws CallFailed, or ProviderUnusable
  /// where max_failures_in_a_row of them were given up without a call of used() between them.
  [[noreturn]] void give_up_reply(ErrorParts parts);
  void used() { useless_in_a_row_ = 0; }

  /// "HOST:PORT (model MODEL)"
  std::string name() const;

 private:
  struct Outcome;
  Outcome attempt(const HttpRequest& request, const Accept& accept, const CallContext& context);
  Outcome judge(const HttpResponse& response, const Accept& accept) const;
  [[noreturn]] void give_up(const Outcome& outcome, int64_t attempts);
  [[noreturn]] void fail(std::atomic<int64_t>& in_a_row, ErrorParts parts) const;
  std::string without_key(std::string text) const;

  EndpointOptions options_;
  EndpointTools tools_;
  std::string key_;
  Url url_;
  RateLimit rate_;
  Slots slots_;
  std::atomic<bool> answered_ = false;            ///< whether a call has ever succeeded
  std::atomic<bool> counts_completions_ = false;  ///< whether it wants max_completion_tokens
  std::atomic<int64_t> failed_in_a_row_ = 0;
  std::atomic<int64_t> useless_in_a_row_ = 0;
};

}  // namespace fusion
