#pragma once
// The judge of a run: all filters of its recipe, one after another.

#include <memory>

#include "workflows/synthesis/filters/filter_options.h"
#include "workflows/synthesis/items/judge.h"
#include "workflows/synthesis/kinds/kind_registry.h"

namespace fusion {

/// The first filter that objects gives its name and reason. A dropped item's conversations bear its mark too: what is
/// kept is what has an empty `dropped_by`, wherever it is read. What bears a mark already keeps it and is not judged
/// again, so that the kept items of several runs can be judged together. A caption, a picture or a conversation leaves
/// its trace in the filters only where it is kept; remember_caption() tells by the name of the filter whether the
/// caption had passed.
///
/// Memory for 10 million kept items, with three rounds each: duplicate_caption 1.3 GB, duplicate_picture 0.5 to 1 GB,
/// the others below 100 MB together and the benchmarks' index (leak_index.h).
///
/// \param kinds       outlives the judge
/// \param benchmarks  what LeakIndex::read(options.leakage) has read; nothing: it is read now, silently, which may take
///                    minutes
/// Throws Error on a value out of its range, a word list or a benchmark's folder that cannot be read.
std::unique_ptr<Judge> make_judge(const FilterOptions& options, const KindRegistry& kinds,
                                  std::shared_ptr<const LeakIndex> benchmarks = nullptr);

}  // namespace fusion
