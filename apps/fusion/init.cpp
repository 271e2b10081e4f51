#include "fusion/commands.h"

namespace fusion::app {

void add_init(CLI::App&) {}

}  // namespace fusion::app
