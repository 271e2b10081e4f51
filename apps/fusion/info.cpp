#include "fusion/commands.h"

namespace fusion::app {

void add_info(CLI::App&) {}

}  // namespace fusion::app
