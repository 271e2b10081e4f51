#pragma once
// Numbers as the tables of a run show them; the same in every locale.

#include <cstdint>
#include <string>

namespace fusion {

/// "1,234"; negative as 0.
std::string whole_text(int64_t number);
/// With so many digits behind the point: "12.3".
std::string decimal_text(double number, int digits);
/// A share of 0 to 1: "12.3 %".
std::string percent_text(double share);
/// "210/s", "3.4/s", "0.25/s"; "-" for none.
std::string rate_text(double per_second);
/// "0.0312 USD", "12.40 USD".
std::string money_text(double amount, const std::string& currency);
/// part / whole, 0 where there is nothing.
double share_of(int64_t part, int64_t whole);

}  // namespace fusion
