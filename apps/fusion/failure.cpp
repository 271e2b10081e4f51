#include "fusion/failure.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <string_view>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "fusion/usage_error.h"

namespace fusion::app {

namespace {

/// The amount in "you tried to allocate 123 bytes." and "Tried to allocate 20.00 GiB. GPU 0 ...", or "".
std::string wanted_memory(std::string_view message) {
  constexpr std::string_view kBefore = "ried to allocate ";
  const size_t place = message.find(kBefore);
  if (place == std::string_view::npos) return "";
  message.remove_prefix(place + kBefore.size());
  uint64_t bytes = 0;
  const auto [end, status] = std::from_chars(message.data(), message.data() + message.size(), bytes);
  if (status == std::errc() && std::string_view(end, message.data() + message.size()).starts_with(" byte")) {
    return bytes_text(bytes);
  }
  constexpr size_t kUnit = 4;  // " GiB"
  return std::string(message.substr(0, message.find(' ') + kUnit));
}

bool is_out_of_memory(std::string_view message) {
  return message.find("can't allocate memory") != std::string_view::npos ||
         message.find("not enough memory") != std::string_view::npos ||
         message.find("out of memory") != std::string_view::npos;
}

Failure out_of_memory(const std::string& wanted, const char* hint) {
  const Error error({.who = "memory",
                     .expected = wanted.empty() ? "enough for the model and the request" : wanted + " more",
                     .got = "less than that",
                     .cause = "the model, its precision or the request is too large for this machine",
                     .hint = hint});
  return {.message = error.what()};
}

}  // namespace

Failure current_failure(const char* memory_hint) {
  try {
    throw;
  } catch (const UsageError& error) {
    return {.message = error.what(), .exit_code = kUsageError};
  } catch (const Error& error) {
    return {.message = error.what()};
  } catch (const std::filesystem::filesystem_error& error) {
    return {.message = cat(error.path1().string(), ": ", error.code().message(), "; check the path")};
  } catch (const std::bad_alloc&) {
    return out_of_memory("", memory_hint);
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (is_out_of_memory(message)) return out_of_memory(wanted_memory(message), memory_hint);
    return {.message = cat("libtorch: ", message)};
  } catch (const std::exception& error) {
    return {.message = cat("internal: ", error.what())};
  }
}

void report(std::string message) {
  std::ranges::replace_if(message, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  std::cerr << "fusion: error: " << printable(message, message.size()) << "\n";
}

}  // namespace fusion::app
