#include "workflows/synthesis/endpoints/endpoint.h"

#include <algorithm>

#include "foundation/config/json_file.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

constexpr double kLongestPause = 300;   ///< seconds; a server that asks for more is taken as out of order
constexpr size_t kShownOfAnswer = 200;  ///< bytes of an error's text

bool is_worth_another_try(int status) {
  return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500;
}

bool is_hopeless(int status) {
  return status == 401 || status == 403 || status == 404;
}

bool is_hopeless(HttpFailure failure) {
  return failure == HttpFailure::kHost || failure == HttpFailure::kRefused || failure == HttpFailure::kTls ||
         failure == HttpFailure::kRequest;
}

std::string_view hint_for(int status) {
  switch (status) {
    case 401:
    case 403:
      return "check the key, and that it may use this model";
    case 404:
      return "check base_url (most end with /v1) and the model's name";
    default:
      return "";
  }
}

/// What a server says about an error: {"error": {"message": ...}}, or the text as it is.
std::string message_of(const std::string& body) {
  const auto answer = nlohmann::json::parse(body.substr(0, 1 << 16), nullptr, /*allow_exceptions=*/false);
  if (answer.is_object() && answer.contains("error")) {
    const auto& error = answer["error"];
    if (error.is_string()) return error.get<std::string>();
    if (error.is_object() && error.contains("message") && error["message"].is_string()) return error["message"];
  }
  return body;
}

constexpr const char* kLimit = "max_tokens";
constexpr const char* kCompletionLimit = "max_completion_tokens";

/// Gives the limit its other name. False where the body has none by the first.
bool rename_limit(nlohmann::ordered_json& body) {
  if (!body.contains(kLimit)) return false;
  body[kCompletionLimit] = body[kLimit];
  body.erase(kLimit);
  return true;
}

std::string text_of(const nlohmann::ordered_json& body) {
  // A picture's text may hold broken UTF-8, which JSON has no place for.
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

[[noreturn]] void throw_stopped(const std::string& who) {
  throw CallFailed({.who = who, .expected = "an answer", .got = "a stop was asked for"});
}

}  // namespace

/// How one attempt went.
struct Endpoint::Outcome {
  enum class Kind {
    kDone,
    kAgain,     ///< another attempt may succeed
    kFinal,     ///< this call will fail again
    kHopeless,  ///< all calls will, unless some have succeeded before
    kStopped,
  };
  Kind kind = Kind::kDone;
  std::string got = {};
  std::string hint = {};
  double pause = 0;          ///< seconds that the server asks for
  bool names_limit = false;  ///< it wants the limit by its other name
};

Endpoint::Endpoint(const EndpointOptions& options, EndpointTools tools)
    : options_(options),
      tools_(std::move(tools)),
      key_(endpoint_key(options)),
      url_(parse_url(options.base_url, "base_url")),
      rate_(options.requests_per_minute, tools_.clock),
      slots_(options.concurrency) {}

std::string Endpoint::name() const {
  return cat(url_.authority(), " (model ", printable(options_.model), ")");
}

std::string Endpoint::without_key(std::string text) const {
  constexpr std::string_view kInstead = "***";
  for (size_t at = key_.empty() ? text.npos : text.find(key_); at != text.npos;
       at = text.find(key_, at + kInstead.size())) {
    text.replace(at, key_.size(), kInstead);
  }
  return text;
}

void Endpoint::post(std::string_view path, nlohmann::ordered_json body, uint64_t stream, uint64_t max_bytes,
                    const Accept& accept, const CallContext& context) {
  HttpRequest request{.method = "POST", .url = url_.with_path(path), .limits = {.max_body_bytes = max_bytes}};
  request.limits.connect_seconds = std::min(options_.timeout, request.limits.connect_seconds);
  request.limits.total_seconds = options_.timeout;
  if (counts_completions_) rename_limit(body);
  request.body = text_of(body);
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}, {"User-Agent", "fusion"}};
  if (!key_.empty()) request.headers.push_back({"Authorization", cat("Bearer ", key_)});
  RandomSource random(tools_.seed, stream);
  for (int64_t attempts = 1;; ++attempts) {
    const Outcome outcome = attempt(request, accept, context);
    if (outcome.kind == Outcome::Kind::kDone) return;
    if (outcome.kind == Outcome::Kind::kStopped) throw_stopped(name());
    if (outcome.names_limit && rename_limit(body)) {
      counts_completions_ = true;
      request.body = text_of(body);
      ++context.usage->retries;
      continue;
    }
    if (outcome.pause > 0) rate_.pause_until(tools_.clock->now() + std::min(outcome.pause, kLongestPause));
    const bool again = outcome.kind == Outcome::Kind::kAgain && outcome.pause <= kLongestPause;
    if (!again || attempts >= options_.max_attempts) give_up(outcome, attempts);
    ++context.usage->retries;
    const double wait = std::max(outcome.pause, backoff_seconds(attempts, random));
    if (!tools_.clock->wait_until(tools_.clock->now() + wait, context.stop)) throw_stopped(name());
  }
}

Endpoint::Outcome Endpoint::attempt(const HttpRequest& request, const Accept& accept, const CallContext& context) {
  if (!rate_.wait(context.stop)) return {.kind = Outcome::Kind::kStopped};
  const auto slot = slots_.take(context.stop);
  if (slot == nullptr) return {.kind = Outcome::Kind::kStopped};
  try {
    Outcome outcome = judge(tools_.client->send(request, context.stop), accept);
    if (outcome.kind == Outcome::Kind::kDone) {
      answered_ = true;
      failed_in_a_row_ = 0;
    }
    return outcome;
  } catch (const HttpError& error) {
    if (error.failure() == HttpFailure::kStopped) return {.kind = Outcome::Kind::kStopped};
    const bool hopeless = is_hopeless(error.failure()) && !answered_;
    return {.kind = hopeless ? Outcome::Kind::kHopeless : Outcome::Kind::kAgain, .got = error.what()};
  }
}

Endpoint::Outcome Endpoint::judge(const HttpResponse& response, const Accept& accept) const {
  if (response.status < 200 || response.status > 299) {
    const std::string message = message_of(response.body);
    const std::string said = printable(without_key(message), kShownOfAnswer);
    const double pause = retry_after_seconds(response.header("Retry-After"), tools_.clock->unix_time()).value_or(0);
    const Outcome::Kind kind = is_worth_another_try(response.status)        ? Outcome::Kind::kAgain
                               : is_hopeless(response.status) && !answered_ ? Outcome::Kind::kHopeless
                                                                            : Outcome::Kind::kFinal;
    return {.kind = kind,
            .got = cat("status ", response.status, said.empty() ? "" : ": ", said),
            .hint = std::string(hint_for(response.status)),
            .pause = kind == Outcome::Kind::kAgain ? pause : 0,
            .names_limit = response.status == 400 && message.find(kCompletionLimit) != std::string::npos};
  }
  try {
    accept(parse_json(response.body, "its answer", {.max_bytes = response.body.size() + 1, .max_depth = 32}));
    return {};
  } catch (const Error& error) {
    return {.kind = Outcome::Kind::kAgain, .got = without_key(error.what())};
  }
}

void Endpoint::give_up(const Outcome& outcome, int64_t attempts) {
  ErrorParts parts{.who = name(), .expected = "an answer", .got = outcome.got, .hint = outcome.hint};
  if (attempts > 1) parts.cause = cat("after ", attempts, " attempts");
  if (outcome.kind == Outcome::Kind::kHopeless) throw ProviderUnusable(std::move(parts));
  fail(failed_in_a_row_, std::move(parts));
}

void Endpoint::give_up_reply(ErrorParts parts) {
  fail(useless_in_a_row_, std::move(parts));
}

void Endpoint::fail(std::atomic<int64_t>& in_a_row, ErrorParts parts) const {
  parts.got = without_key(std::move(parts.got));
  const int64_t failed = ++in_a_row;
  if (failed < options_.max_failures_in_a_row) throw CallFailed(std::move(parts));
  parts.cause = cat(failed, " calls in a row were given up");
  throw ProviderUnusable(std::move(parts));
}

std::string Endpoint::download(const std::string& url, uint64_t max_bytes, const CallContext& context) const {
  HttpRequest request{.url = parse_url(url, "the picture's address"), .limits = {.max_body_bytes = max_bytes}};
  if (!request.url.same_origin(url_)) {
    throw Error({.who = cat("the picture's address at ", request.url.authority()),
                 .expected = cat("one at ", url_.authority()),
                 .hint = "ask for the picture itself: reply: b64_json"});
  }
  request.limits.total_seconds = options_.timeout;
  const HttpResponse response = tools_.client->send(request, context.stop);
  if (response.status == 200) return response.body;
  throw Error({.who = "the picture's address", .expected = "a picture", .got = cat("status ", response.status)});
}

}  // namespace fusion
