#include "workflows/synthesis/export/tar_shards.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr size_t kDigits = 6;

std::string shard_name(std::string_view prefix, int64_t shard) {
  std::string number = cat(shard);
  number.insert(0, kDigits - std::min(kDigits, number.size()), '0');
  return cat(prefix, "-", number, ".tar");
}

/// Whether shard_name(prefix, any number) is the name.
bool is_shard_name(std::string_view name, std::string_view prefix) {
  constexpr std::string_view kEnding = ".tar";
  if (!name.starts_with(prefix) || !name.ends_with(kEnding)) return false;
  const std::string_view number = name.substr(prefix.size(), name.size() - prefix.size() - kEnding.size());
  return number.size() > kDigits && number[0] == '-' &&
         std::ranges::all_of(number.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void remove_tar_shards(const std::string& folder, std::span<const std::string_view> prefixes) {
  std::error_code code;
  if (!fs::is_directory(folder, code)) return;
  std::vector<fs::path> ours;
  bool others = false;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    const bool is_ours = std::ranges::any_of(prefixes, [&](auto prefix) { return is_shard_name(name, prefix); });
    if (is_ours) ours.push_back(entry.path());
    others |= !is_ours;
  }
  for (const fs::path& path : ours) {
    if (!code) fs::remove(path, code);
  }
  if (!code && !others) fs::remove(folder, code);
  if (code) throw Error({.who = folder, .expected = "to remove an earlier export's tar files", .got = code.message()});
}

/// One tar file under way.
class TarShards::Shard {
 public:
  explicit Shard(const std::string& path) : file_(path), archive_(archive_write_new()), entry_(archive_entry_new()) {
    check(archive_ != nullptr && entry_ != nullptr ? ARCHIVE_OK : ARCHIVE_FATAL);
    check(archive_write_set_format_ustar(archive_.get()));
    check(archive_write_open2(archive_.get(), this, nullptr, &Shard::take, nullptr, nullptr));
  }

  void add(const std::string& name, std::span<const std::byte> bytes) {
    archive_entry_clear(entry_.get());
    archive_entry_set_pathname(entry_.get(), name.c_str());
    archive_entry_set_size(entry_.get(), static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry_.get(), AE_IFREG);
    archive_entry_set_perm(entry_.get(), 0644);
    archive_entry_set_mtime(entry_.get(), 0, 0);
    check(archive_write_header(archive_.get(), entry_.get()));
    const la_ssize_t taken = archive_write_data(archive_.get(), bytes.data(), bytes.size());
    check(taken == static_cast<la_ssize_t>(bytes.size()) ? ARCHIVE_OK : ARCHIVE_FATAL);
  }

  void commit() {
    check(archive_write_close(archive_.get()));
    file_.commit();
  }

  uint64_t written() const { return file_.written(); }

  int64_t samples = 0;

 private:
  /// libarchive's way out: an exception must not cross it, and check() throws it afterwards. It never hears of one: it
  /// would leak its buffers.
  static la_ssize_t take(archive* /*unused*/, void* self, const void* data, size_t size) {
    auto* shard = static_cast<Shard*>(self);
    try {
      if (!shard->failure_) shard->file_.write(std::span(static_cast<const std::byte*>(data), size));
    } catch (...) {
      shard->failure_ = std::current_exception();
    }
    return static_cast<la_ssize_t>(size);
  }

  void check(int status) const {
    if (failure_) std::rethrow_exception(failure_);
    if (status == ARCHIVE_OK) return;
    const char* reason = archive_ != nullptr ? archive_error_string(archive_.get()) : nullptr;
    throw Error(
        {.who = file_.path(), .expected = "to write a tar file", .got = reason != nullptr ? reason : "no memory"});
  }

  struct Free {
    void operator()(archive* each) const { archive_write_free(each); }
    void operator()(archive_entry* each) const { archive_entry_free(each); }
  };

  OutputFile file_;
  std::exception_ptr failure_;
  // After what their last bytes go to.
  std::unique_ptr<archive, Free> archive_;
  std::unique_ptr<archive_entry, Free> entry_;
};

TarShards::TarShards(std::string folder, std::string prefix, TarShardOptions options)
    : folder_(std::move(folder)), prefix_(std::move(prefix)), options_(options) {}

TarShards::~TarShards() = default;

void TarShards::add(std::string_view key, std::span<const TarMember> members) {
  if (shard_ && (shard_->samples >= options_.max_samples || shard_->written() >= options_.max_bytes)) end_shard();
  if (!shard_) {
    shard_ = std::make_unique<Shard>(cat(folder_, "/", shard_name(prefix_, shards_)));
    ++shards_;
  }
  for (const TarMember& member : members) shard_->add(cat(key, member.extension), member.bytes);
  ++shard_->samples;
}

void TarShards::finish() {
  if (shard_) end_shard();
}

void TarShards::end_shard() {
  shard_->commit();
  shard_.reset();
}

}  // namespace fusion
