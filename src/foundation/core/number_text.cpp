#include "foundation/core/number_text.h"

#include <algorithm>
#include <iomanip>
#include <locale>
#include <sstream>

#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion {

std::string whole_text(int64_t number) {
  return grouped_text(static_cast<uint64_t>(std::max<int64_t>(number, 0)));
}

std::string decimal_text(double number, int digits) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << std::fixed << std::setprecision(digits) << number;
  return out.str();
}

std::string percent_text(double share) {
  return cat(decimal_text(share * 100, 1), " %");
}

std::string rate_text(double per_second) {
  if (!(per_second > 0)) return "-";
  return cat(decimal_text(per_second, per_second < 1 ? 2 : per_second < 100 ? 1 : 0), "/s");
}

std::string money_text(double amount, const std::string& currency) {
  return cat(decimal_text(amount, amount < 1 ? 4 : 2), " ", printable(currency));
}

double share_of(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace fusion
