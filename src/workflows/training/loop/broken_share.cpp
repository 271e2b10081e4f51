#include "workflows/training/loop/broken_share.h"

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

void require_few_broken(int64_t read, int64_t broken, double share, const std::vector<std::string>& examples) {
  const bool many = static_cast<double>(broken) > share * static_cast<double>(read);
  const int64_t tolerated = share > 0 ? kToleratedBroken : 0;
  if (!many || broken <= tolerated) return;
  throw Error({.who = "training data",
               .expected = cat("at most ", share * 100, " % broken records"),
               .got = cat(broken, " of the ", read, " read so far"),
               .cause = join(examples, "; "),
               .hint = "`fusion data check` lists all of them"});
}

}  // namespace fusion
