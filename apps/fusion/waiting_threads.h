#pragma once
// How OpenMP's threads wait for work.

namespace fusion::app {

/// Note [Threads that wait]
/// Between two parallel regions libgomp's threads spin for milliseconds before they sleep. A model is thousands of
/// short regions: where a core is shared with anything else, the spinning keeps those from running that are waited for,
/// and a step takes ten times as long and more. A short spin costs nothing that can be measured on a free machine.
/// libgomp reads the environment when it is loaded, which is before main(): the program starts itself once more.
///
/// Does nothing where OMP_WAIT_POLICY or GOMP_SPINCOUNT is set, and for commands that compute little.
void shorten_spinning(char** argv);

}  // namespace fusion::app
