#include "workflows/synthesis/store/sqlite.h"

#include <sqlite3.h>

#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

constexpr int kBusyMilliseconds = 10'000;

/// Cause and hint for a result code, where there is more to say than SQLite does.
std::pair<std::string, std::string> advice(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {"the disk is full or a size limit is set",
              "free some space and start again: what was committed is there"};
    case SQLITE_IOERR:
      return {"the disk is full or fails", "free some space and start again: what was committed is there"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {"another program holds the file", "wait for it or stop it"};
    case SQLITE_NOTADB:
      return {"the file is no store", "name another output folder"};
    case SQLITE_CORRUPT:
      return {"the file is damaged", "restore it, or begin anew in another folder"};
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return {"", "check that the folder exists and can be written"};
    default:
      return {};
  }
}

[[noreturn]] void fail(sqlite3* database, const std::string& path, int code) {
  auto [cause, hint] = advice(code);
  throw Error({.who = path,
               .expected = "a store that can be read and written",
               .got = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code),
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

int flags_of(Database::Open open) {
  switch (open) {
    case Database::Open::kCreate:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case Database::Open::kChange:
      return SQLITE_OPEN_READWRITE;
    case Database::Open::kRead:
      break;
  }
  return SQLITE_OPEN_READONLY;
}

}  // namespace

Statement::Statement(sqlite3* database, const std::string& path, std::string_view sql)
    : database_(database), path_(&path) {
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement_, nullptr);
  if (code != SQLITE_OK) fail(database_, *path_, code);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), path_(other.path_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement& Statement::bind(int parameter, int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_, parameter, value)) fail(database_, *path_, code);
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  if (const int code = sqlite3_bind_double(statement_, parameter, value)) fail(database_, *path_, code);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  const int code =
      sqlite3_bind_text64(statement_, parameter, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) fail(database_, *path_, code);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_);
    return false;
  }
  try {
    fail(database_, *path_, code);
  } catch (...) {
    sqlite3_reset(statement_);
    throw;
  }
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::reset() {
  sqlite3_reset(statement_);
}

int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

Database::Database(std::string path, Open open) : path_(std::move(path)) {
  const int code = sqlite3_open_v2(path_.c_str(), &database_, flags_of(open), nullptr);
  if (code != SQLITE_OK) {
    // A handle comes also with a failure, and has to be closed.
    try {
      fail(database_, path_, code);
    } catch (...) {
      sqlite3_close(database_);
      throw;
    }
  }
  sqlite3_busy_timeout(database_, kBusyMilliseconds);
}

Database::~Database() {
  sqlite3_close(database_);
}

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(database_, path_, code);
}

int64_t Database::number(std::string_view sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const Error&) {
    // SQLite has rolled back by itself, as it does where the disk is full.
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace fusion
