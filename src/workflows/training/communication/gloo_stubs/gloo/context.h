#pragma once
// Note [Gloo without its headers]
// torch's wheel has Gloo inside libtorch_cpu and exports c10d::ProcessGroupGloo, but its header includes Gloo's own
// headers, which the wheel has not. These stand in for them: just enough names for that one header. fusion makes such
// an object, calls its collectives and destroys it; all of this happens inside of libtorch, which allocates what
// belongs to Gloo, holds it by pointer and has the vtables. So nothing here is ever called or constructed, and no
// symbol of Gloo is asked of the linker. What would break that, and is not used: setTimeout(), GlooStore, and classes
// derived from AsyncWork, SendWork or RecvWork. CMakeLists.txt names the versions of torch that this was verified
// with, and every start sums up one small tensor before it trusts the rest.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace gloo {

class Context {
 public:
  void setTimeout(std::chrono::milliseconds timeout);
};

namespace transport {
class Device;
class UnboundBuffer {};
}  // namespace transport

namespace rendezvous {
class Store {
 public:
  virtual ~Store() = default;
  virtual void set(const std::string& key, const std::vector<char>& value) = 0;
  virtual std::vector<char> get(const std::string& key) = 0;
  virtual void wait(const std::vector<std::string>& keys) = 0;
  virtual void wait(const std::vector<std::string>& keys, const std::chrono::milliseconds& timeout) = 0;
};
}  // namespace rendezvous

}  // namespace gloo
