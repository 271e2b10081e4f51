#pragma once
// Memory of tensors that come and go.

namespace fusion {

/// Note [Freed memory]
/// glibc gives the memory of large tensors back to the system as soon as they are freed, and every step of a training
/// run faults the same pages in again. After this call it keeps them for the next tensors, for the life of the
/// program: up to 32 MB each (glibc's limit) and 512 MB in all. Does nothing where the C library is another one.
void keep_freed_memory();

}  // namespace fusion
