#pragma once
// float32 as the goldens have it.

#include <ATen/Context.h>

namespace fusion {

/// On a GPU cuDNN's convolutions round float32 to TF32 unless told not to, and the goldens are float32. Until it goes
/// away they do not.
class ExactConvolutions {
 public:
  ExactConvolutions() : before_(at::globalContext().allowTF32CuDNN()) { at::globalContext().setAllowTF32CuDNN(false); }
  ~ExactConvolutions() { at::globalContext().setAllowTF32CuDNN(before_); }
  ExactConvolutions(const ExactConvolutions&) = delete;
  ExactConvolutions& operator=(const ExactConvolutions&) = delete;

 private:
  bool before_;
};

}  // namespace fusion
