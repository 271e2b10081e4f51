#pragma once
// Checks of flags' values. What they say reads like the library's errors: "--top-p: expected a number from 0 to 1,
// got 7".

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/generation/sampler.h"

namespace fusion::app {

/// What CLI11 asks about a value: "" where it is right, else what is wrong.
using FlagCheck = std::function<std::string(const std::string&)>;

/// A value is right where `require` does not throw Error.
FlagCheck flag_check(std::function<void(const std::string&)> require);

FlagCheck whole_number(int64_t min, int64_t max);
FlagCheck number_within(double min, double max);

/// The range of an option is the library's own.
FlagCheck sampling_value(double SamplingOptions::* member);
FlagCheck sampling_value(int64_t SamplingOptions::* member);

/// One of a fixed set, which --help and the shells' completion show.
CLI::Validator one_of(std::vector<std::string> names);

/// The type name of a folder or one of a fixed set, which the shells' completion offers beside folders.
std::string folder_or(const std::vector<std::string>& names);

/// Any text but none at all.
FlagCheck some_text(std::string what);

}  // namespace fusion::app
